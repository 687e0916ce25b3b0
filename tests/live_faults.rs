//! What KMS, the network and the key itself may say, and what is left behind.

#![cfg(feature = "kms")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::kms::{self, Answer, Proxy, TestKey, address, assert_no_credentials, call, key, saved};
use common::{ACCOUNT, POLICY, run};
use serde_json::{Value, json};

struct Outcome {
    status: i32,
    stdout: String,
    stderr: String,
    proxy: Proxy,
    saved: usize,
}

/// Adds the account to the key through a proxy.
fn add(
    key: &TestKey,
    arguments: &[&str],
    decide: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::new(decide);
    let mut command = kms::ctpolicy(folder.path(), &proxy.address);
    command
        .args(["add-account", ACCOUNT, "--yes", "--key", &key.alias])
        .args(arguments)
        .env("AWS_MAX_ATTEMPTS", "2");
    let (status, stdout, stderr) = run(&mut command);
    assert_no_credentials(&stderr);
    Outcome {
        status,
        stdout,
        stderr,
        proxy,
        saved: saved(folder.path()).len(),
    }
}

fn has_account(key: &TestKey) -> bool {
    key.policy().contains(ACCOUNT)
}

/// One call that always fails so.
fn failing(operation: &'static str, status: u16, code: &'static str, message: &str) -> Outcome {
    let key = key(POLICY);
    let message = message.to_owned();
    let outcome = add(&key, &[], move |name, _| {
        if name == operation {
            Answer::Error(status, code, message.clone())
        } else {
            Answer::Pass
        }
    });
    assert_eq!(outcome.status, 2, "{}", outcome.stderr);
    assert!(!has_account(&key));
    outcome
}

#[test]
fn every_refusal_names_its_remedy() {
    let user = "User: arn:aws:iam::123456789012:user/ann is not authorized";
    let other = "User: arn:aws:sts::999999999999:assumed-role/r/s is not authorized to perform: kms:GetKeyPolicy";
    for (operation, code, message, said, help) in [
        (
            "DescribeKey",
            "AccessDeniedException",
            user,
            "cannot look the key up: not permitted",
            "needs kms:DescribeKey",
        ),
        (
            "GetKeyPolicy",
            "AccessDeniedException",
            user,
            "cannot read the key's policy: not permitted",
            "needs kms:GetKeyPolicy",
        ),
        (
            "PutKeyPolicy",
            "AccessDeniedException",
            user,
            "cannot put the key's policy: not permitted",
            "needs kms:PutKeyPolicy",
        ),
        (
            "GetKeyPolicy",
            "AccessDeniedException",
            other,
            "the key is in account 123456789012, and the credentials are of account 999999999999",
            "take credentials of account 123456789012",
        ),
        (
            "DescribeKey",
            "NotFoundException",
            "Alias is not found",
            "no such key: Alias is not found",
            "aws kms list-aliases",
        ),
        (
            "DescribeKey",
            "ExpiredTokenException",
            "The security token included in the request is expired",
            "the credentials are refused",
            "log in again",
        ),
        (
            "PutKeyPolicy",
            "LimitExceededException",
            "Policy too long",
            "the policy is too large",
            "organization trail",
        ),
        (
            "PutKeyPolicy",
            "MalformedPolicyDocumentException",
            "The new key policy will not allow you to update the key policy in the future.",
            "KMS's lockout safety check",
            "kms:PutKeyPolicy in the policy first",
        ),
        (
            "PutKeyPolicy",
            "MalformedPolicyDocumentException",
            "Policy contains a statement with one or more invalid principals.",
            "a principal in the policy does not exist",
            "AIDA",
        ),
        (
            "PutKeyPolicy",
            "MalformedPolicyDocumentException",
            "Resource",
            "KMS refuses the policy: Resource",
            "",
        ),
        (
            "PutKeyPolicy",
            "UnsupportedOperationException",
            "no",
            "UnsupportedOperationException: no",
            "",
        ),
    ] {
        let stderr = failing(operation, 400, code, message).stderr;
        assert!(stderr.contains(said), "{said}: {stderr}");
        assert!(stderr.contains(help), "{help}: {stderr}");
    }
}

/// KMS does not say which principal it means.
#[test]
fn an_invalid_principal_is_shown_with_its_line() {
    let deleted = POLICY.replacen("arn:aws:iam::111111111111:root", "AROAEXAMPLEEXAMPLE123", 1);
    assert_ne!(deleted, POLICY);
    let line = 1 + deleted
        .lines()
        .position(|line| line.contains("AROAEX"))
        .unwrap();
    let key = key(&deleted);
    let outcome = add(&key, &[], |operation, _| match operation {
        "PutKeyPolicy" => Answer::Error(
            400,
            "MalformedPolicyDocumentException",
            "Policy contains a statement with one or more invalid principals.".to_owned(),
        ),
        _ => Answer::Pass,
    });
    assert_eq!(outcome.status, 2);
    let place = format!("error: {}:{line}:", key.alias);
    assert!(outcome.stderr.contains(&place), "{}", outcome.stderr);
    assert!(
        outcome
            .stderr
            .contains("\"AROAEXAMPLEEXAMPLE123\" is what is left")
    );
}

#[test]
fn throttling_and_server_faults_are_tried_again() {
    for (status, code) in [
        (400, "ThrottlingException"),
        (500, "KMSInternalException"),
        (503, ""),
    ] {
        let key = key(POLICY);
        let outcome = add(&key, &[], move |operation, before| {
            if before == 0 && operation != "PutKeyPolicy" {
                Answer::Error(status, code, "later".to_owned())
            } else {
                Answer::Pass
            }
        });
        assert_eq!(outcome.status, 0, "{}", outcome.stderr);
        assert!(has_account(&key));
    }
    let stderr = failing("DescribeKey", 400, "ThrottlingException", "Rate exceeded").stderr;
    assert!(stderr.contains("too many calls: Rate exceeded"), "{stderr}");
    assert!(stderr.contains("AWS_MAX_ATTEMPTS"), "{stderr}");
}

/// Not KMS answers, but a gateway before it.
#[test]
fn an_answer_without_a_code_is_no_answer() {
    for (operation, status) in [
        ("DescribeKey", 200),
        ("GetKeyPolicy", 200),
        ("GetKeyPolicy", 403),
    ] {
        let stderr = failing(operation, status, "", "").stderr;
        let said = format!("what answers is not KMS: HTTP status {status}");
        assert!(stderr.contains(&said), "{stderr}");
        assert!(stderr.contains("help: look at --endpoint-url"), "{stderr}");
    }
    for operation in ["DescribeKey", "GetKeyPolicy"] {
        let key = key(POLICY);
        let outcome = add(&key, &[], move |name, _| {
            if name == operation {
                Answer::Instead(json!({}))
            } else {
                Answer::Pass
            }
        });
        assert_eq!(outcome.status, 2, "{}", outcome.stderr);
        let said = "what answers is not KMS: it ";
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    }
    // It says that it took the policy, and there is none behind it.
    let key = key(POLICY);
    let outcome = add(&key, &["--wait", "1"], |name, _| match name {
        "PutKeyPolicy" => Answer::Error(200, "", String::new()),
        _ => Answer::Pass,
    });
    assert_eq!(outcome.status, 2, "{}", outcome.stderr);
    let said = "it is not known whether the policy was put: cannot put the key's policy: what answers is not KMS";
    assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
}

#[test]
fn one_region_that_fails_does_not_hold_up_the_others() {
    let key = kms::key_with(&json!({ "Policy": POLICY, "MultiRegion": true }));
    for region in ["us-east-1", "ap-south-1"] {
        call(
            kms::REGION,
            "ReplicateKey",
            &json!({ "KeyId": key.id, "ReplicaRegion": region }),
        );
        let request = json!({ "KeyId": key.id, "PolicyName": "default", "Policy": POLICY });
        call(region, "PutKeyPolicy", &request);
    }
    let outcome = add(&key, &["--replicas"], |operation, before| {
        match (operation, before) {
            ("DescribeKey", 1) => Answer::Error(400, "AccessDeniedException", "no".to_owned()),
            _ => Answer::Pass,
        }
    });
    assert_eq!(outcome.status, 2, "{}", outcome.stderr);
    let lost = key.arn.replace(kms::REGION, "us-east-1");
    assert!(
        outcome
            .stderr
            .contains(&format!("error: {lost}: cannot look the key up")),
        "{}",
        outcome.stderr
    );
    assert!(has_account(&key) && key.policy_in("ap-south-1").contains(ACCOUNT));
    assert!(!key.policy_in("us-east-1").contains(ACCOUNT));
}

#[test]
fn what_is_wrong_in_the_configuration_is_an_error() {
    for (name, value) in [
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_MAX_ATTEMPTS", "often"),
        ("AWS_RETRY_MODE", "never"),
        ("AWS_RETRY_MODE", "\u{1b}[31mred"),
    ] {
        let stderr = bare(&["--key", "alias/x"], |command| {
            command.env(name, value);
        });
        assert!(
            stderr.starts_with("error: the AWS configuration: "),
            "{stderr}"
        );
        assert!(!stderr.contains("panic"), "{stderr}");
        assert!(!stderr.contains('\u{1b}'), "{stderr:?}");
    }
    let stderr = bare(&["--key", "alias/x"], |command| {
        command.env("AWS_REGION", "");
    });
    assert!(stderr.contains("no Region is set"), "{stderr}");
    let stderr = bare(&["--key", "alias/x"], |command| {
        command.env("AWS_REGION", "bad region");
    });
    assert!(stderr.contains("\"bad region\" is no Region"), "{stderr}");
}

#[test]
fn one_failure_does_not_hide_the_others() {
    let (one, two, three) = (key(POLICY), key(POLICY), key(POLICY));
    let missing = "alias/there-is-none";
    let keys = ["--key", missing, "--key", &two.alias, "--key", &three.id];
    let puts = AtomicUsize::new(0);
    let outcome = add(&one, &keys, move |operation, _| {
        if operation == "PutKeyPolicy" && puts.fetch_add(1, Ordering::SeqCst) == 0 {
            Answer::Error(400, "AccessDeniedException", "no".to_owned())
        } else {
            Answer::Pass
        }
    });
    assert_eq!(outcome.status, 2, "{}", outcome.stderr);
    assert_eq!([&one, &two, &three].map(has_account), [false, true, true]);
    assert_eq!(outcome.stdout.matches("+++ b/").count(), 3);
    let summary = format!(
        "summary:\n  {missing}: failed, see above\n  {}: failed, see above\n  {}: written\n  {}: written\n4 policies: 2 written, 2 failed\n",
        one.alias, two.alias, three.id
    );
    assert!(outcome.stderr.ends_with(&summary), "{}", outcome.stderr);
}

/// Reads that lag behind the put.
#[test]
fn it_is_read_back_until_it_shows() {
    let key = key(POLICY);
    let lagging = |readings: usize| {
        move |operation: &str, before: usize| {
            if operation == "GetKeyPolicy" && (2..2 + readings).contains(&before) {
                Answer::Instead(json!({ "Policy": POLICY, "PolicyName": "default" }))
            } else {
                Answer::Pass
            }
        }
    };
    let outcome = add(&key, &[], lagging(3));
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert_eq!(outcome.proxy.count("PutKeyPolicy"), 1);
    assert_eq!(outcome.proxy.count("GetKeyPolicy"), 7);

    key.put(POLICY);
    let outcome = add(&key, &["--wait", "1"], lagging(1_000));
    assert_eq!(outcome.status, 2);
    assert!(
        outcome
            .stderr
            .contains("KMS took the new policy, and still shows the old one after 1 s"),
        "{}",
        outcome.stderr
    );
    assert!(has_account(&key));
}

#[test]
fn a_server_that_dies_mid_way_leaves_a_saved_policy_and_a_word() {
    let one = key(POLICY);
    let outcome = add(&one, &[], |operation, _| match operation {
        "PutKeyPolicy" => Answer::Die,
        _ => Answer::Pass,
    });
    assert_eq!(outcome.status, 2);
    assert!(
        outcome
            .stderr
            .contains("it is not known whether the policy was put"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome
            .stderr
            .contains("run the same command again: it looks first"),
        "{}",
        outcome.stderr
    );
    assert_eq!(outcome.saved, 1);
    assert!(!has_account(&one));

    let two = key(POLICY);
    let outcome = add(&two, &[], |operation, before| match operation {
        "GetKeyPolicy" if before == 2 => Answer::Die,
        _ => Answer::Pass,
    });
    assert_eq!(outcome.status, 2);
    assert!(
        outcome.stderr.contains("KMS took the new policy, but then"),
        "{}",
        outcome.stderr
    );
    assert!(has_account(&two));
}

/// What DescribeKey tells of the key, changed.
fn described(key: &TestKey, arguments: &[&str], change: fn(Value) -> Value) -> Outcome {
    add(key, arguments, move |operation, _| match operation {
        "DescribeKey" => Answer::Change(change),
        _ => Answer::Pass,
    })
}

#[test]
fn a_key_that_cloudtrail_cannot_use_is_said() {
    let disabled = key(POLICY);
    call(kms::REGION, "DisableKey", &json!({ "KeyId": disabled.id }));
    let outcome = add(&disabled, &["--strict"], |_, _| Answer::Pass);
    assert_eq!(outcome.status, 2);
    assert!(!has_account(&disabled));
    let outcome = add(&disabled, &[], |_, _| Answer::Pass);
    assert_eq!(outcome.status, 0);
    assert!(
        outcome
            .stderr
            .contains("the key is disabled: CloudTrail cannot deliver"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome
            .stderr
            .contains(&format!("aws kms enable-key --key-id {}", disabled.arn))
    );

    let deleted = key(POLICY);
    let request = json!({ "KeyId": deleted.id, "PendingWindowInDays": 7 });
    call(kms::REGION, "ScheduleKeyDeletion", &request);
    let outcome = add(&deleted, &[], |_, _| Answer::Pass);
    assert!(
        outcome.stderr.contains("the key will be deleted on 20"),
        "{}",
        outcome.stderr
    );

    let asymmetric = kms::key_with(&json!({
        "Policy": POLICY, "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"
    }));
    let outcome = add(&asymmetric, &[], |_, _| Answer::Pass);
    assert!(
        outcome
            .stderr
            .contains("the key is RSA_2048, and CloudTrail"),
        "{}",
        outcome.stderr
    );

    let managed = key(POLICY);
    let outcome = described(&managed, &[], |mut answer| {
        answer["KeyMetadata"]["KeyManager"] = json!("AWS");
        answer
    });
    assert_eq!(outcome.status, 2);
    assert!(
        outcome.stderr.contains("AWS manages this key"),
        "{}",
        outcome.stderr
    );
    assert!(!has_account(&managed));
}

/// A command without this test's credentials or endpoint.
fn bare(arguments: &[&str], change: impl Fn(&mut Command)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = kms::ctpolicy(folder.path(), address());
    command.args(["check", ACCOUNT]).args(arguments);
    command.env("AWS_MAX_ATTEMPTS", "1");
    change(&mut command);
    let (status, _, stderr) = run(&mut command);
    assert_eq!(status, 2, "{stderr}");
    assert_no_credentials(&stderr);
    stderr
}

#[test]
fn what_is_missing_on_the_way_to_kms_is_said() {
    let key = ["--key", "alias/x"];
    let stderr = bare(&key, |command| {
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
        ] {
            command.env_remove(name);
        }
    });
    assert!(stderr.contains("no credentials"), "{stderr}");
    assert!(stderr.contains("help: log in first"), "{stderr}");
    let stderr = bare(&key, |command| {
        command.env_remove("AWS_REGION");
    });
    assert!(stderr.contains("no Region is set"), "{stderr}");
    let stderr = bare(&key, |command| {
        command.env("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9");
    });
    assert!(stderr.contains("KMS is not reached"), "{stderr}");
    let stderr = bare(
        &["--key", "alias/x", "--endpoint-url", "http://127.0.0.1:9"],
        |_| {},
    );
    assert!(stderr.contains("KMS is not reached"), "{stderr}");
}

/// A name with a slip in it would else lead to the machine's own role, and to
/// another account's key.
#[test]
fn a_profile_that_is_not_there_is_an_error_before_anything_is_tried() {
    let proxy = Proxy::new(|_, _| Answer::Pass);
    let with_profiles = |folder: &Path| {
        let config = "[default]\n[profile logs]\n[profile \"au dit\"]\n";
        fs::write(folder.join("no-config"), config).unwrap();
        let credentials = "[keys]\naws_access_key_id = x\naws_secret_access_key = y\n";
        fs::write(folder.join("no-credentials"), credentials).unwrap();
    };
    let check = |arguments: &[&str], named: Option<&str>, has_files: bool| {
        let folder = tempfile::tempdir().unwrap();
        if has_files {
            with_profiles(folder.path());
        }
        let mut command = kms::ctpolicy(folder.path(), &proxy.address);
        command.args(["check", "111111111111", "--key", "alias/x"]);
        command.args(arguments);
        if let Some(named) = named {
            command.env("AWS_PROFILE", named);
        }
        run(&mut command)
    };
    for (arguments, named) in [
        (&["--profile", "lgos"][..], None),
        (&["--profile", "lgos"], Some("logs")),
        (&[], Some("lgos")),
    ] {
        let (status, _, stderr) = check(arguments, named, true);
        let said = "error: no profile \"lgos\" is in the AWS configuration files\n  help: there are \"default\", \"keys\", \"logs\"\n";
        assert_eq!((status, stderr.as_str()), (2, said));
        let (_, _, stderr) = check(arguments, named, false);
        assert!(stderr.ends_with("  help: there are none\n"), "{stderr}");
    }
    assert_eq!(proxy.count("DescribeKey"), 0);
    // One that is empty names none, and one of the second file counts.
    for (arguments, named) in [(&[][..], Some("")), (&["--profile", "keys"], None)] {
        let (_, _, stderr) = check(arguments, named, true);
        assert!(stderr.contains("no such key"), "{stderr}");
    }
}

/// A person may have to type a code. A call has 20 seconds.
#[test]
fn a_credential_process_is_waited_for_and_run_once() {
    let keys = [key(POLICY), key(POLICY), key(POLICY)];
    let folder = tempfile::tempdir().unwrap();
    let config = "[profile slow]\ncredential_process = sh credentials.sh\n";
    fs::write(folder.path().join("no-config"), config).unwrap();
    let script = r#"echo run >> runs; sleep 21
        echo '{"Version": 1, "AccessKeyId": "x", "SecretAccessKey": "test"}'"#;
    fs::write(folder.path().join("credentials.sh"), script).unwrap();
    let mut command = kms::ctpolicy(folder.path(), address());
    command.args(["check", "111111111111", "--profile", "slow"]);
    for key in &keys {
        command.args(["--key", &key.alias]);
    }
    let (status, _, stderr) = run(&mut command);
    assert_eq!(status, 0, "{stderr}");
    assert!(stderr.contains("note: waits for credentials"), "{stderr}");
    assert_eq!(
        fs::read_to_string(folder.path().join("runs")).unwrap(),
        "run\n"
    );
}

#[test]
fn a_certificate_of_ones_own_is_trusted_if_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (port, _server) = kms::start(&[&folder.path().join("tls")]);
    let url = format!("https://localhost:{port}");
    let check = |bundle: &[&str], config: &str| {
        fs::write(folder.path().join("no-config"), config).unwrap();
        let mut command = kms::ctpolicy(folder.path(), address());
        command.env("AWS_ENDPOINT_URL_KMS", &url);
        command.env("AWS_MAX_ATTEMPTS", "1");
        command.args(["check", ACCOUNT, "--key", "alias/x"]);
        if let [bundle] = bundle {
            command.env("AWS_CA_BUNDLE", bundle);
        }
        let (status, _, stderr) = run(&mut command);
        assert_eq!(status, 2, "{stderr}");
        stderr
    };
    let by_profile = "[default]\nca_bundle = tls.crt\n";
    for (bundle, config, said) in [
        (
            &[][..],
            "",
            "KMS is not reached: invalid peer certificate: UnknownIssuer",
        ),
        (&["tls.crt"], "", "no such key"),
        (&[], by_profile, "no such key"),
        (&[""], by_profile, "no such key"),
        (
            &["/none"],
            "",
            "cannot read the certificates in /none: no such file",
        ),
        (
            &["tls.key"],
            "",
            "cannot read the certificates in tls.key: there are none",
        ),
        (
            &["bad.crt"],
            "",
            "cannot read the certificates in bad.crt: one of them is none",
        ),
    ] {
        let bad = "-----BEGIN CERTIFICATE-----\naGFsbG8=\n-----END CERTIFICATE-----\n";
        fs::write(folder.path().join("bad.crt"), bad).unwrap();
        let stderr = check(bundle, config);
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
}

#[test]
fn a_password_in_a_url_is_not_shown() {
    for url in [
        "http://ann:hidden@127.0.0.1:9",
        "http://ann:hid/hidden@127.0.0.1:9",
    ] {
        let stderr = bare(&["--key", "alias/x", "--endpoint-url", url], |_| {});
        assert!(stderr.contains("holds no user and no password"), "{stderr}");
        assert!(!stderr.contains("hidden"), "{stderr}");
        for name in ["AWS_ENDPOINT_URL_KMS", "HTTP_PROXY"] {
            for url in [url, &url.replace("hidden", "hidden with spaces")] {
                let stderr = bare(&["--key", "alias/x", "-vv"], |command| {
                    command.env("AWS_ENDPOINT_URL_KMS", "http://kms.invalid");
                    command.env("RUST_LOG", "trace").env(name, url);
                });
                assert!(!stderr.contains("hidden"), "{name}: {stderr}");
            }
        }
    }
}

/// The system gives no thread from the first one on, or from a later one.
#[test]
fn no_thread_to_be_had_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    // A name, for which a thread asks the resolver.
    let address = address().replace("127.0.0.1", "localhost");
    for first in 1..=5 {
        let key = key(POLICY);
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=clone3", "-e"]);
        strace.arg(format!("inject=clone3:error=EAGAIN:when={first}+"));
        let mut command = kms::ctpolicy(folder.path(), &address);
        command.args(["add-account", ACCOUNT, "--yes", "--key", &key.alias]);
        let (status, _, stderr) = run(&mut common::under(strace, &command));
        assert!(!stderr.contains("panic"), "{stderr}");
        if status == 0 {
            assert!(has_account(&key), "{stderr}");
            assert!(first > 2);
        } else {
            assert_eq!(status, 2, "{stderr}");
            assert!(
                stderr.starts_with("error: cannot start the AWS client"),
                "{stderr}"
            );
            assert!(first <= 2, "{stderr}");
        }
    }
}

#[test]
fn arguments_that_do_not_go_together() {
    let arn = "arn:aws:kms:eu-west-1:111122223333:alias/x";
    for (arguments, words) in [
        (
            &["key-policy.json", "--region", "eu-west-1"][..],
            "--trail-region",
        ),
        (
            &["key-policy.json", "--replicas"],
            "--replicas is for live keys",
        ),
        (
            &["--key", arn, "--region", "us-east-1"],
            "is not in --region us-east-1",
        ),
        (
            &["--key", arn, "--region", "eu-*"],
            "a key is in one Region",
        ),
        (
            &["--key", arn, "--endpoint-url", "localhost"],
            "--endpoint-url starts with",
        ),
        (&[], "no POLICY given"),
    ] {
        let stderr = bare(arguments, |_| {});
        assert!(stderr.contains(words), "{words}: {stderr}");
    }
}

#[test]
fn the_log_shows_the_calls_and_no_credentials() {
    let key = key(POLICY);
    let folder = tempfile::tempdir().unwrap();
    for (arguments, log, words) in [
        (&["-v"][..], None, "GetKeyPolicy key=arn:aws:kms:"),
        (&["-vv"], None, "GetKeyPolicy key=arn:aws:kms:"),
        (&[], Some("trace"), "aws"),
    ] {
        let mut command = kms::ctpolicy(folder.path(), address());
        command
            .args(["check", "111111111111", "--key", &key.alias])
            .args(arguments);
        if let Some(log) = log {
            command.env("RUST_LOG", log);
        }
        let (status, _, stderr) = run(&mut command);
        assert_eq!(status, 0, "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
        assert_no_credentials(&stderr);
    }
}

#[test]
fn credentials_come_from_a_profile_too() {
    let key = key(POLICY);
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("no-config"),
        format!(
            "[profile logs]\nregion = {}\ncredential_process = sh credentials.sh\n",
            kms::REGION
        ),
    )
    .unwrap();
    fs::write(
        folder.path().join("credentials.sh"),
        r#"echo '{"Version": 1, "AccessKeyId": "of-the-profile", "SecretAccessKey": "test"}'"#,
    )
    .unwrap();
    let proxy = Proxy::new(|_, _| Answer::Pass);
    for arguments in [&[][..], &["-vv"]] {
        let mut command = kms::ctpolicy(folder.path(), &proxy.address);
        command.args(arguments);
        // A profile that is named goes before the credentials in the environment.
        command
            .env("AWS_ACCESS_KEY_ID", "of-the-environment")
            .env_remove("AWS_REGION");
        command.args([
            "check",
            "111111111111",
            "--profile",
            "logs",
            "--key",
            &key.alias,
        ]);
        let (status, _, stderr) = run(&mut command);
        assert_eq!(status, 0, "{stderr}");
        assert!(proxy.is_signed_with("of-the-profile"));
        assert!(!stderr.contains("of-the-profile"), "{stderr}");
    }
}

/// A role of another profile, from the STS that the same server speaks.
#[test]
fn a_profile_may_assume_a_role() {
    let key = key(POLICY);
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("no-config"),
        format!(
            "[profile base]\naws_access_key_id = of-the-base\naws_secret_access_key = x\n\
             [profile role]\nregion = {}\nsource_profile = base\n\
             role_arn = arn:aws:iam::123456789012:role/ctpolicy\n",
            kms::REGION
        ),
    )
    .unwrap();
    let mut command = kms::ctpolicy(folder.path(), address());
    command
        .args([
            "check",
            "111111111111",
            "--profile",
            "role",
            "-vv",
            "--key",
            &key.alias,
        ])
        .env("AWS_ENDPOINT_URL_STS", format!("http://{}", address()))
        .env_remove("AWS_REGION");
    let (status, _, stderr) = run(&mut command);
    assert_eq!(status, 0, "{stderr}");
    for part in ["of-the-base", "ASIA", "SECRET"] {
        assert!(!stderr.contains(part), "{stderr}");
    }
}

#[test]
fn what_a_credential_process_says_is_not_sent_raw_to_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let script = r"printf '\033[31mred\n' >&2; exit 3";
    fs::write(folder.path().join("fails.sh"), script).unwrap();
    let config = "[profile bad]\ncredential_process = sh fails.sh\n";
    fs::write(folder.path().join("no-config"), config).unwrap();
    let mut command = kms::ctpolicy(folder.path(), address());
    command.args([
        "check",
        ACCOUNT,
        "--profile",
        "bad",
        "-vv",
        "--key",
        "alias/x",
    ]);
    let (status, _, stderr) = run(&mut command);
    assert_eq!(status, 2, "{stderr}");
    assert!(!stderr.contains('\u{1b}'), "{stderr:?}");
}

#[test]
fn the_program_with_the_aws_client_is_not_run_by_hand() {
    for (arguments, words) in [
        (&[][..], "ctpolicy COMMAND --key KEY"),
        (&["--version"], "ctpolicy COMMAND --key KEY"),
        (&["check"], "ctpolicy COMMAND --key KEY"),
        (
            &["0.0.1", "list-accounts", "--key", "x"],
            "ctpolicy is 0.0.1, and the ctpolicy-kms beside it is ",
        ),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ctpolicy-kms"));
        let (status, stdout, stderr) = run(command.args(arguments));
        assert_eq!((status, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
}
