//! What becomes of a put that fails, while somebody else puts too: every case
//! on a KMS behind a proxy that fails as told. In short here; `make torture`
//! runs each row, several times.

#![cfg(feature = "kms")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::kms::{self, Answer, Proxy, TestKey, call, key};
use common::{ACCOUNT, POLICY, run};
use serde_json::json;

/// Faults of the first put; with "twice", of both attempts that there are. Who
/// else puts: a policy with another account, with the same, or with another on
/// top of the same. When: right before the run's first look at the policy that it is to replace ("look 1"),
/// right before its first put ("put 1"), before its next look, and so on. Then
/// what is said, the status, and what the key holds; at last the same with
/// `--expect-sha256`.
///
/// What somebody else puts between a look and the put is lost: KMS takes no
/// condition. Whether a put without an answer is ours or the same by somebody
/// else, nobody can tell.
const TABLE: &str = "
answered | nobody | | written, 0, ours, 1 put | =
answered | another | look 1 | changed, written, 0, both | changed, not reviewed, 2, theirs
answered | another | put 1 | written, 0, ours | =
answered | another | look 2 | put, written, 0, both | put, not reviewed, 2, theirs
answered | same | look 1 | changed, nothing to do, 0, ours | =
answered | same | put 1, look 2 | written, 0, ours | =
answered | on top | look 2 | put, nothing to do, 0, on top | =

throttled | nobody | | written, 0, ours, 2 puts | =
throttled | another | look 1, put 1, look 2 | changed, written, 0, both | changed, not reviewed, 2, theirs
throttled | another | put 2 | written, 0, ours | =
throttled | another | look 3 | put, written, 0, both | put, not reviewed, 2, theirs
throttled | same | look 1, put 1, look 2 | changed, nothing to do, 0, ours | =
throttled | same | put 2, look 3 | written, 0, ours | =
throttled | on top | look 3 | put, nothing to do, 0, on top | =

500, reset before, gateway before, portal | nobody | | written, 0, ours, 2 puts | =
500, reset before | another | look 1 | changed, written, 0, both | changed, not reviewed, 2, theirs
500, reset before | another | put 1, look 2 | uncertain, written, 0, both | uncertain, not reviewed, 2, theirs
500, reset before | another | put 2 | written, 0, ours | =
500, reset before | another | look 3 | put, written, 0, both | put, not reviewed, 2, theirs
500, reset before | same | look 1 | changed, nothing to do, 0, ours | =
500, reset before | same | put 1, look 2, put 2, look 3 | written, 0, ours | =
500, reset before | on top | look 3 | put, nothing to do, 0, on top | =

reset after, gateway after | nobody | | written, 0, ours, 1 put | =
reset after | another | look 1 | changed, written, 0, both | changed, not reviewed, 2, theirs
reset after | another | put 1 | written, 0, ours | =
reset after | another | look 2 | uncertain, written, 0, both | uncertain, not reviewed, 2, theirs
reset after | same | look 1 | changed, nothing to do, 0, ours | =
reset after | same | put 1, look 2 | written, 0, ours | =
reset after | on top | look 2 | uncertain, nothing to do, 0, on top | =

throttled twice | nobody | | throttled, 2, old, 2 puts | =
throttled twice | another | look 2 | changed, written, 0, both | changed, not reviewed, 2, theirs
throttled twice | another | put 2 | throttled, 2, theirs | =
throttled twice | same | look 2 | changed, nothing to do, 0, ours | =
throttled twice | same | put 2 | throttled, 2, ours | =
500 twice, reset before twice | nobody | | not known, 2, old, 2 puts | =
500 twice, reset before twice | another | look 2, put 2, look 3 | uncertain, written, 0, both | uncertain, not reviewed, 2, theirs
500 twice, reset before twice | same | look 2, put 2, look 3 | written, 0, ours | =
";

/// The account that somebody else adds.
const ANOTHER: &str = "333333333333";

/// The policy with these accounts, as an edit would have it.
fn edited(accounts: &[&str]) -> String {
    let line =
        |account: &&str| format!(",\n            \"arn:aws:cloudtrail:*:{account}:trail/*\"");
    let lines: String = accounts.iter().map(line).collect();
    let old = "\"arn:aws:cloudtrail:*:111111111111:trail/*\"";
    POLICY.replace(old, &format!("{old}{lines}"))
}

/// Which policy it is: of nobody's edit, of the run's, of the other's, of both.
fn name(policy: &str) -> &'static str {
    let known = [
        (edited(&[]), "old"),
        (edited(&[ACCOUNT]), "ours"),
        (edited(&[ANOTHER]), "theirs"),
        (edited(&[ANOTHER, ACCOUNT]), "both"),
        (edited(&[ACCOUNT, ANOTHER]), "on top"),
    ];
    let found = known.iter().find(|(text, _)| text == policy);
    found.map_or("another policy", |(_, name)| name)
}

/// What is said of the policy, in the order in which it is said.
fn said(stderr: &str) -> String {
    let words = [
        ("has changed since it was read", "changed"),
        (
            "whether the policy was put is not known, and KMS shows another one",
            "uncertain",
        ),
        ("the policy was put, and KMS shows another one", "put"),
        ("is not the policy that was reviewed", "not reviewed"),
        ("nothing to do", "nothing to do"),
        (": written\n", "written"),
        ("not known whether the policy was put", "not known"),
        ("cannot put the key's policy: too many calls", "throttled"),
    ];
    let mut found: Vec<(usize, &str)> = words
        .iter()
        .filter_map(|(text, word)| Some((stderr.find(text)?, *word)))
        .collect();
    found.sort_unstable();
    let found: Vec<&str> = found.into_iter().map(|(_, word)| word).collect();
    found.join(", ")
}

/// What the proxy does with an attempt at a put.
fn answer(fault: &str, attempt: usize) -> Answer {
    let (fault, attempts) = match fault.strip_suffix(" twice") {
        Some(fault) => (fault, 2),
        None => (fault, 1),
    };
    match fault {
        _ if attempt >= attempts => Answer::Pass,
        "throttled" => Answer::Error(400, "ThrottlingException", "Rate exceeded".to_owned()),
        "500" => Answer::Error(500, "KMSInternalException", "later".to_owned()),
        "reset before" => Answer::Drop,
        "gateway before" => Answer::Error(502, "", String::new()),
        "portal" => Answer::Error(200, "", String::new()),
        "reset after" => Answer::Cut,
        "gateway after" => Answer::Spoil(502),
        "answered" => Answer::Pass,
        other => panic!("{other}"),
    }
}

/// Runs a row, and tells what came of it.
fn outcome(key: &TestKey, fault: &str, writer: &str, moment: &str, hash: Option<&str>) -> String {
    let theirs = match writer {
        "nobody" => None,
        "another" => Some(edited(&[ANOTHER])),
        "same" => Some(edited(&[ACCOUNT])),
        "on top" => Some(edited(&[ACCOUNT, ANOTHER])),
        other => panic!("{other}"),
    };
    let id = key.id.clone();
    let own_fault = fault.to_owned();
    let due = moment.to_owned();
    let their_put = Arc::new(Mutex::new(theirs));
    let due_put = Arc::clone(&their_put);
    let puts = AtomicUsize::new(0);
    let proxy = Proxy::new(move |operation, before| {
        let moment = match operation {
            // The first reading of all is the one that the plan is made for.
            "GetKeyPolicy" if before > 0 => format!("look {}", 1 + puts.load(Ordering::SeqCst)),
            "PutKeyPolicy" => format!("put {}", 1 + puts.fetch_add(1, Ordering::SeqCst)),
            _ => return Answer::Pass,
        };
        if moment == due
            && let Some(policy) = due_put.lock().unwrap().take()
        {
            let request = json!({ "KeyId": id, "PolicyName": "default", "Policy": policy });
            call(kms::REGION, "PutKeyPolicy", &request);
        }
        match operation {
            "PutKeyPolicy" => answer(&own_fault, before),
            _ => Answer::Pass,
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let mut command = kms::ctpolicy(folder.path(), &proxy.address);
    command
        .args(["add-account", ACCOUNT, "--yes", "--wait", "4", "--key"])
        .arg(&key.alias)
        .env("AWS_MAX_ATTEMPTS", "2");
    if let Some(hash) = hash {
        command.args(["--expect-sha256", hash]);
    }
    let (status, _, stderr) = run(&mut command);
    kms::assert_no_credentials(&stderr);
    assert_eq!(
        *their_put.lock().unwrap(),
        None,
        "{fault}: {moment} does not come: {stderr}"
    );
    let puts = proxy.puts();
    let kinds: BTreeSet<&String> = puts.iter().collect();
    let saved = kms::saved(folder.path()).len();
    assert_eq!(
        saved,
        kinds.len(),
        "one old policy is saved for each new one"
    );
    let mut said = format!("{}, {status}, {}", said(&stderr), name(&key.policy()));
    if hash.is_some() && puts.iter().any(|put| name(put) != "ours") {
        said += ", and edited what nobody reviewed";
    }
    if writer == "nobody" {
        let end = if puts.len() == 1 { "" } else { "s" };
        let _ = write!(said, ", {} put{end}", puts.len());
    }
    said
}

/// The hash of the policy that is reviewed.
fn reviewed(key: &TestKey) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = kms::ctpolicy(folder.path(), kms::address());
    command.args(["add-account", ACCOUNT, "--dry-run", "--key", &key.alias]);
    let (_, _, stderr) = run(&mut command);
    stderr.split("sha256 ").nth(1).unwrap().trim().to_owned()
}

#[test]
fn every_fault_and_everybody_elses_put() {
    let rounds = match std::env::var_os("CTPOLICY_TORTURE") {
        Some(_) => 5,
        None => 1,
    };
    let hash = reviewed(&key(POLICY));
    let mut cases = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [faults, writer, moments, without, with] = cells[..] else {
            panic!("{line}")
        };
        let with = if with == "=" { without } else { with };
        for fault in faults.split(", ") {
            for moment in moments.split(", ") {
                cases.push((fault, writer, moment, None, without));
                cases.push((fault, writer, moment, Some(hash.as_str()), with));
            }
        }
    }
    let cases = (0..rounds).flat_map(|_| &cases);
    // The server does not take a new key while it looks another one up.
    let cases: Vec<_> = cases.map(|case| (key(POLICY), case)).collect();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    // A run waits most of its time.
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                while let Some((key, case)) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let (fault, writer, moment, hash, wanted) = **case;
                    let found = outcome(key, fault, writer, moment, hash);
                    if found != *wanted {
                        wrong.lock().unwrap().push(format!("{case:?}: {found}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("puts: {} cases, each as in the table", cases.len());
}
