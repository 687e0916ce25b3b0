//! A KMS on loopback, and a proxy in front of it that makes faults.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};

pub const REGION: &str = "eu-west-1";
pub const SECRET: &str = "a-secret-that-is-never-shown";
pub const TOKEN: &str = "a-token-that-is-never-shown";
pub const ACCESS_KEY: &str = "AKIANEVERSHOWN";

/// The one server of this test binary.
fn server() -> &'static str {
    static SERVER: OnceLock<(String, Child)> = OnceLock::new();
    let (address, _) = SERVER.get_or_init(|| {
        let (port, child) = start(&[]);
        (format!("127.0.0.1:{port}"), child)
    });
    address
}

/// Starts a server, and tells its port; it ends with this test binary, since
/// its standard input does. With a path it speaks HTTPS as `localhost`, and
/// leaves its certificate there.
pub fn start(arguments: &[&Path]) -> (u16, Child) {
    let python = std::env::var_os("CTPOLICY_TEST_PYTHON")
        .map_or_else(|| PathBuf::from(".venv/bin/python"), PathBuf::from);
    let mut child = Command::new(&python)
        .arg("tests/kms_server.py")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}; run `make .venv` first", python.display()));
    let mut port = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut port)
        .unwrap();
    (port.trim().parse().unwrap(), child)
}

/// Sends a request as it came, and gives the status and the body.
fn forward(operation: &str, authorization: &str, body: &str) -> (u16, String) {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .new_agent();
    let mut response = agent
        .post(format!("http://{}/", server()))
        .header("X-Amz-Target", format!("TrentService.{operation}"))
        .header("Content-Type", "application/x-amz-json-1.1")
        .header("Authorization", authorization)
        .send(body)
        .unwrap();
    let body = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), body)
}

/// A call to the server itself.
pub fn call(region: &str, operation: &str, request: &Value) -> Value {
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential=test/20260101/{region}/kms/aws4_request");
    let (status, body) = forward(operation, &authorization, &request.to_string());
    assert_eq!(status, 200, "{operation}: {body}");
    serde_json::from_str(&body).unwrap_or(Value::Null)
}

/// A new key with this policy.
pub struct TestKey {
    pub id: String,
    pub arn: String,
    pub alias: String,
}

pub fn key(policy: &str) -> TestKey {
    key_with(&json!({ "Policy": policy }))
}

pub fn key_with(request: &Value) -> TestKey {
    let created = call(REGION, "CreateKey", request);
    let id = created["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let alias = format!("alias/cloudtrail-{id}");
    let request = json!({ "AliasName": alias, "TargetKeyId": id });
    call(REGION, "CreateAlias", &request);
    TestKey {
        arn: created["KeyMetadata"]["Arn"].as_str().unwrap().to_owned(),
        alias,
        id,
    }
}

impl TestKey {
    pub fn policy(&self) -> String {
        self.policy_in(REGION)
    }

    pub fn policy_in(&self, region: &str) -> String {
        let request = json!({ "KeyId": self.id, "PolicyName": "default" });
        let answer = call(region, "GetKeyPolicy", &request);
        answer["Policy"].as_str().unwrap().to_owned()
    }

    pub fn put(&self, policy: &str) {
        let request = json!({ "KeyId": self.id, "PolicyName": "default", "Policy": policy });
        call(REGION, "PutKeyPolicy", &request);
    }
}

/// The binary, with credentials, a Region and this KMS, and nothing else of
/// the machine's AWS configuration.
pub fn ctpolicy(folder: &Path, endpoint: &str) -> Command {
    let mut command = super::ctpolicy(folder);
    isolate(&mut command, folder);
    command.env("AWS_ENDPOINT_URL_KMS", format!("http://{endpoint}"));
    command
}

/// Takes the machine's AWS configuration away.
pub fn isolate(command: &mut Command, folder: &Path) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command
        .env_remove("RUST_LOG")
        .env("HOME", folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("AWS_CONFIG_FILE", folder.join("no-config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.join("no-credentials"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_SESSION_TOKEN", TOKEN);
}

pub fn address() -> &'static str {
    server()
}

/// What the proxy does with a call.
pub enum Answer {
    /// The server's answer.
    Pass,
    /// The server's answer, changed.
    Change(fn(Value) -> Value),
    /// An error of this status and code.
    Error(u16, &'static str, String),
    /// The server carries it out, and something before it answers with this
    /// status and no error code.
    Spoil(u16),
    /// An answer without the server.
    Instead(Value),
    /// The server's answer, after a while.
    Late(Duration),
    /// The connection breaks before the server hears of the call.
    Drop,
    /// The server carries it out, and the answer breaks off.
    Cut,
    /// As if nothing listened any more, from now on.
    Die,
}

/// A proxy that decides about each call by its name and how often that name
/// came before.
pub struct Proxy {
    pub address: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

/// A call that came: its name, what signed it, and what it asks for.
struct Call {
    operation: String,
    authorization: String,
    body: String,
}

impl Proxy {
    pub fn new(decide: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&calls);
        let decide = Arc::new(decide);
        std::thread::spawn(move || {
            let (end, ended) = std::sync::mpsc::channel();
            for stream in listener.incoming() {
                if ended.try_recv().is_ok() {
                    break;
                }
                let (seen, decide, end) = (Arc::clone(&seen), Arc::clone(&decide), end.clone());
                std::thread::spawn(move || {
                    if serve(stream.unwrap(), &seen, decide.as_ref()).is_none() {
                        let _ = end.send(());
                    }
                });
            }
        });
        Self { address, calls }
    }

    /// How often a call came.
    pub fn count(&self, operation: &str) -> usize {
        let calls = self.calls.lock().unwrap();
        calls
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }

    /// The policies that were to be put, as they came.
    pub fn puts(&self) -> Vec<String> {
        let calls = self.calls.lock().unwrap();
        calls
            .iter()
            .filter(|call| call.operation == "PutKeyPolicy")
            .map(|call| {
                let body: Value = serde_json::from_str(&call.body).unwrap();
                body["Policy"].as_str().unwrap().to_owned()
            })
            .collect()
    }

    /// Whether each call was signed with this access key.
    pub fn is_signed_with(&self, access_key: &str) -> bool {
        let calls = self.calls.lock().unwrap();
        let credential = format!("Credential={access_key}/");
        !calls.is_empty()
            && calls
                .iter()
                .all(|call| call.authorization.contains(&credential))
    }
}

/// One request; nothing if the proxy is to die.
fn serve(
    mut stream: TcpStream,
    calls: &Mutex<Vec<Call>>,
    decide: &(dyn Fn(&str, usize) -> Answer + Send + Sync),
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut operation, mut authorization, mut length) = (String::new(), String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return Some(());
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => value.rsplit('.').next().unwrap().clone_into(&mut operation),
            "authorization" => value.clone_into(&mut authorization),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let before = {
        let mut calls = calls.lock().unwrap();
        let before = calls
            .iter()
            .filter(|call| call.operation == operation)
            .count();
        calls.push(Call {
            operation: operation.clone(),
            authorization: authorization.clone(),
            body: body.clone(),
        });
        before
    };
    let forward = || forward(&operation, &authorization, &body);
    let (status, answer) = match decide(&operation, before) {
        Answer::Pass => forward(),
        Answer::Change(change) => {
            let (status, body) = forward();
            (
                status,
                change(serde_json::from_str(&body).unwrap()).to_string(),
            )
        }
        Answer::Error(status, "", _) => (status, "<html>".to_owned()),
        Answer::Error(status, code, message) => (
            status,
            json!({ "__type": code, "message": message }).to_string(),
        ),
        Answer::Spoil(status) => {
            forward();
            (status, "<html>".to_owned())
        }
        Answer::Instead(value) => (200, value.to_string()),
        Answer::Late(pause) => {
            std::thread::sleep(pause);
            forward()
        }
        Answer::Drop => return Some(()),
        Answer::Cut => {
            forward();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
            return Some(());
        }
        Answer::Die => return None,
    };
    let kind = if answer.starts_with("<html>") {
        "text/html"
    } else {
        "application/x-amz-json-1.1\r\nx-amzn-RequestId: by-the-proxy"
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status} Status\r\nContent-Type: {kind}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{answer}",
        answer.len()
    );
    Some(())
}

/// The old policies that were saved, the oldest first.
pub fn saved(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|end| end == "json") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Nothing of the credentials is in a text.
pub fn assert_no_credentials(text: &str) {
    for credential in [SECRET, TOKEN, ACCESS_KEY] {
        assert!(!text.contains(credential), "{text}");
    }
}
