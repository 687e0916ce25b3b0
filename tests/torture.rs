//! What goes wrong, again and again. In short here; `make torture` runs each
//! for longer and prints its counts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{
    ACCOUNT, ACL, DEFAULT_ACL, POLICY, Who, acl, context_list, copy_binary, ctpolicy, folder,
    is_root, run, with_own_mounts,
};

const TEMPORARY: &str = ".key-policy.json.ctpolicy.tmp";
const SAVED: &str = ".key-policy.json.ctpolicy.saved";
/// Of the saved bytes.
const SAVING: &str = "..key-policy.json.ctpolicy.saved.ctpolicy.tmp";

/// How often: `short`, or `full` under `make torture`.
fn times(short: usize, full: usize) -> usize {
    if std::env::var_os("CTPOLICY_TORTURE").is_some() {
        full
    } else {
        short
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// The policy with the account.
fn edited() -> String {
    let (folder, policy) = folder();
    let mut command = ctpolicy(folder.path());
    let (status, _, stderr) =
        run(command.args(["add-account", ACCOUNT, "key-policy.json", "--yes"]));
    assert_eq!(status, 0, "{stderr}");
    fs::read_to_string(policy).unwrap()
}

#[test]
fn killed_at_any_moment_the_file_is_the_old_one_or_the_new_one() {
    killed("--yes");
}

/// Or its old bytes are saved, whole.
#[test]
fn killed_at_any_moment_nothing_is_lost_in_place() {
    killed("--yes --in-place");
}

fn killed(options: &str) {
    let new = edited();
    let (folder, policy) = folder();
    let (mut seen, mut left) = (BTreeMap::new(), 0);
    let rounds = times(150, 2_000);
    let add = || {
        let mut command = ctpolicy(folder.path());
        command.args(["add-account", ACCOUNT, "key-policy.json"]);
        command.args(options.split(' '));
        command
    };
    // Spread over the time that a run takes.
    let start = std::time::Instant::now();
    assert_eq!(run(&mut add()).0, 0);
    let whole = start.elapsed();
    for round in 0..rounds {
        fs::write(&policy, POLICY).unwrap();
        let mut child = add()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let share = u32::try_from(round * 97 % rounds).unwrap();
        std::thread::sleep(whole * share / u32::try_from(rounds).unwrap());
        let _ = child.kill();
        child.wait().unwrap();
        if let Ok(saved) = fs::read_to_string(folder.path().join(SAVED)) {
            assert!(saved == POLICY && options.contains("--in-place"), "{saved}");
            assert_eq!(run(&mut add()).0, 2);
            fs::rename(folder.path().join(SAVED), &policy).unwrap();
            left += 1;
        }
        let found = fs::read_to_string(&policy).unwrap();
        assert!(found == POLICY || found == new, "{found}");
        *seen.entry(found == new).or_insert(0) += 1;
        assert_eq!(run(&mut add()).0, 0);
        assert_eq!(fs::read_to_string(&policy).unwrap(), new);
        assert_eq!(names(folder.path()).len(), 1, "litter");
    }
    println!(
        "SIGKILL: {rounds} runs with {options} killed: {} left the old file, {left} of them saved, {} the new one",
        seen.get(&false).unwrap_or(&0),
        seen.get(&true).unwrap_or(&0)
    );
    assert!(seen.contains_key(&false), "no run was killed in time");
}

/// The run under strace, which traces the calls about these paths and, with
/// `inject`, lets one of them fail.
fn traced(folder: &Path, options: &str, inject: Option<&str>) -> (i32, String, String) {
    let log = folder.with_extension("strace");
    let mut command = Command::new("strace");
    command.arg("-f").arg("-o").arg(&log);
    for name in ["", "key-policy.json", TEMPORARY, SAVED, SAVING] {
        command.arg("-P").arg(folder.join(name));
    }
    if let Some(inject) = inject {
        command.args(["-e", &format!("inject={inject}")]);
    }
    command
        .arg(env!("CARGO_BIN_EXE_ctpolicy"))
        .args(["add-account", ACCOUNT, "key-policy.json"])
        .args(options.split(' '))
        .env("XDG_STATE_HOME", "/proc/nothing")
        .current_dir(folder);
    let output = command
        .output()
        .expect("strace is needed: apt-get install strace");
    let status = output.status.code().unwrap_or(-1);
    let stderr = String::from_utf8(output.stderr).unwrap();
    let calls = fs::read_to_string(&log).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    fs::remove_file(log).unwrap();
    (status, stderr, calls)
}

/// Each call about the file, its temporary file and their directory, with how
/// often its name came.
fn calls(options: &str) -> Vec<(String, usize)> {
    let (folder, _) = folder();
    let root = folder.path().canonicalize().unwrap();
    let (status, stderr, log) = traced(&root, options, None);
    assert_eq!(status, 0, "{stderr}");
    let mut counts = BTreeMap::new();
    for line in log.lines() {
        let Some((start, _)) = line.split_once('(') else {
            continue;
        };
        let name = start.rsplit(' ').next().unwrap();
        if name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        {
            *counts.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    for name in ["read", "write", "fsync", "openat", "flock"] {
        assert!(counts.contains_key(name), "{name} is not in {counts:?}");
    }
    let nth = |(name, count)| (1..=count).map(move |n| (String::clone(&name), n));
    counts.into_iter().flat_map(nth).collect()
}

#[test]
fn every_system_call_fails_once() {
    each_call_fails("--yes");
}

#[test]
fn every_system_call_fails_once_in_place() {
    each_call_fails("--yes --in-place");
}

fn each_call_fails(options: &str) {
    let new = edited();
    let errors = ["EIO", "ENOSPC", "EACCES", "EINTR", "ENOMEM", "EROFS"];
    let errors = &errors[..times(2, errors.len())];
    let (mut refused, mut carried_out) = (0, 0);
    for (call, nth) in calls(options) {
        for error in errors {
            let (folder, policy) = folder();
            let root = folder.path().canonicalize().unwrap();
            let inject = format!("{call}:error={error}:when={nth}");
            let (status, stderr, _) = traced(&root, options, Some(&inject));
            let mut found = fs::read_to_string(&policy).unwrap();
            let said = format!("{inject}: {status}: {stderr}");
            assert!(!stderr.contains("panic"), "{said}");
            if status == 0 {
                // What the run does not need: a close, a second look.
                assert_eq!(found, new, "{said}");
                carried_out += 1;
            } else {
                assert_eq!(status, 2, "{said}");
                assert!(stderr.contains("error: key-policy.json: "), "{said}");
                let is_new = ["the new file is in its place", "it has the new ones"]
                    .iter()
                    .any(|words| stderr.contains(words));
                if let Ok(saved) = fs::read_to_string(root.join(SAVED)) {
                    assert!(stderr.contains(SAVED) && saved == POLICY, "{said}");
                    fs::remove_file(root.join(SAVED)).unwrap();
                    if !is_new {
                        fs::write(&policy, &saved).unwrap();
                        found = saved;
                    }
                }
                assert_eq!(found, if is_new { new.as_str() } else { POLICY }, "{said}");
                refused += 1;
            }
            // A temporary file that cannot be unlinked is cleared by the next run.
            if call != "unlink" {
                assert_eq!(names(&root).len(), 1, "{said}");
            }
            let mut command = ctpolicy(&root);
            let (status, _, stderr) = run(command
                .args(["add-account", ACCOUNT, "key-policy.json"])
                .args(options.split(' ')));
            assert_eq!(status, 0, "after {said}: {stderr}");
            assert_eq!(fs::read_to_string(&policy).unwrap(), new);
            assert_eq!(names(&root).len(), 1, "after {said}");
        }
    }
    println!(
        "system calls with {options}: {refused} failures refused, {carried_out} carried out all the same"
    );
    assert!(refused > 10 * errors.len(), "{refused}");
}

/// Whoever edits a file, under whatever ACLs: nobody else may do more with the
/// new one than with the old one.
#[test]
fn nobody_gains_access_to_an_edited_file() {
    if !is_root() {
        return;
    }
    let (owner, named, third) = (4141, 4242, 4343);
    let access = |named, group, mask| {
        let own = [
            (Who::Owner, 6),
            (Who::User(4242), named),
            (Who::Group, group),
            (Who::Mask, mask),
            (Who::Other, 0),
        ];
        Some(acl(&own))
    };
    let acls = [
        None,
        access(6, 0, 6),
        access(0, 6, 6),
        access(6, 6, 4),
        access(7, 4, 0),
    ];
    let inherited = acl(&[
        (Who::Owner, 7),
        (Who::User(third), 7),
        (Who::Group, 7),
        (Who::Mask, 7),
        (Who::Other, 7),
    ]);
    let modes = [0o600, 0o640, 0o660, 0o606, 0o664, 0o666];
    let people = [
        (owner, owner),
        (named, 9),
        (third, 9),
        (9, owner),
        (9, 9),
        (named, owner),
    ];
    let (folder, _) = folder();
    let binary = folder.path().join("ctpolicy");
    copy_binary(&binary);
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let (mut edited, mut refused, mut asked) = (0, 0, 0);
    for (index, (own, mode)) in acls
        .iter()
        .flat_map(|own| modes.map(|mode| (own, mode)))
        .enumerate()
    {
        for (editor, default) in [(0, 0), (0, 1), (owner, 1), (named, 0), (third, 1)]
            .into_iter()
            .skip(index % times(2, 1))
            .step_by(times(2, 1))
        {
            let work = folder.path().join("work");
            fs::create_dir(&work).unwrap();
            fs::set_permissions(&work, Permissions::from_mode(0o777)).unwrap();
            let policy = work.join("key-policy.json");
            fs::write(&policy, POLICY).unwrap();
            chown(&policy, Some(owner), Some(owner)).unwrap();
            fs::set_permissions(&policy, Permissions::from_mode(mode)).unwrap();
            if let Some(own) = own {
                xattr::set(&policy, ACL, own).unwrap();
            }
            if default == 1 {
                xattr::set(&work, DEFAULT_ACL, &inherited).unwrap();
            }
            let may = || people.map(|who| may(&policy, who));
            let before = may();
            let mut command = Command::new(&binary);
            command.args(["add-account", ACCOUNT, "key-policy.json", "--yes"]);
            command.current_dir(&work).uid(editor).gid(editor);
            let (status, _, stderr) = run(&mut command);
            let after = may();
            let said = format!("{own:?} {mode:o} {editor}: {before:?} {after:?} {stderr}");
            match status {
                0 => edited += 1,
                2 => refused += 1,
                other => panic!("{other}: {said}"),
            }
            for ((who, old), new) in people.into_iter().zip(before).zip(after) {
                let gains = (new.0 && !old.0) || (new.1 && !old.1);
                assert!(!gains || who.0 == editor, "{who:?} gains access: {said}");
                asked += 1;
            }
            assert_eq!(names(&work).len(), 1, "{said}");
            fs::remove_dir_all(&work).unwrap();
        }
    }
    println!(
        "access: {edited} files edited, {refused} refused, {asked} people asked before and after, none gained any"
    );
    assert!(edited > refused && refused > 0, "{edited} {refused}");
}

/// Whether somebody may read the file, and write it, by the system's word.
fn may(path: &Path, (user, group): (u32, u32)) -> (bool, bool) {
    let script = r#"test -r "$0" && printf r; test -w "$0" && printf w; true"#;
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(path).uid(user).gid(group);
    let (_, stdout, _) = run(&mut command);
    (stdout.contains('r'), stdout.contains('w'))
}

/// A disk with room for the policy, and none for another one.
#[test]
fn a_full_disk() {
    let script = r#"
        set -e
        mount -t tmpfs -o size=16k tmpfs disk
        cd disk
        cp ../key-policy.json .
        dd if=/dev/zero of=filler bs=1k count=64 2>/dev/null || true
        status=0
        "$CTPOLICY" add-account 222222222222 key-policy.json --yes >/dev/null || status=$?
        cmp key-policy.json ../key-policy.json
        ls -A
        rm filler
        "$CTPOLICY" add-account 222222222222 key-policy.json --yes >/dev/null
        cp key-policy.json ../edited.json
        exit $status
    "#;
    let (folder, policy) = folder();
    // More than a page, which a tmpfs gives out at a time.
    let padded = POLICY.replacen('\n', &format!("\n{}", " ".repeat(6_000)), 1);
    fs::write(&policy, &padded).unwrap();
    fs::create_dir(folder.path().join("disk")).unwrap();
    let (status, stdout, stderr) = run(&mut with_own_mounts(script, folder.path()));
    assert_eq!(status, 2, "{stdout}{stderr}");
    assert!(stderr.contains("no storage space"), "{stderr}");
    assert!(stderr.contains("make room and run it again"), "{stderr}");
    assert_eq!(stdout, "filler\nkey-policy.json\n");
    assert_eq!(context_list(&folder.path().join("edited.json")).len(), 2);
    println!("full disk: the old file stays, and the next run succeeds");
}

#[test]
fn many_processes_on_one_file() {
    let adders = times(40, 160);
    let removers = adders / 4;
    let (folder, policy) = folder();
    let mut given: Vec<String> = (0..removers).map(|n| format!("4{n:011}")).collect();
    let all = given.join(",");
    let mut command = ctpolicy(folder.path());
    let (status, ..) = run(command.args(["add-account", &all, "key-policy.json", "--yes"]));
    assert_eq!(status, 0);
    let spawn = |verb: &str, account: &str| {
        ctpolicy(folder.path())
            .args([verb, account, "key-policy.json", "--yes"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut children = Vec::new();
    for n in 0..adders {
        children.push(spawn("add-account", &format!("3{n:011}")));
        if n % 4 == 0 {
            children.push(spawn("remove-account", &given.pop().unwrap()));
        }
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let list = context_list(&policy);
    let accounts: BTreeSet<&str> = list
        .iter()
        .filter_map(|arn| arn.split(':').nth(4))
        .collect();
    assert_eq!(list.len(), accounts.len(), "an account twice");
    assert_eq!(list.len(), 1 + adders);
    assert!((0..adders).all(|n| accounts.contains(format!("3{n:011}").as_str())));
    assert_eq!(names(folder.path()).len(), 1);
    println!(
        "{} processes: {adders} accounts added, {removers} removed, none lost",
        adders + removers
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let rounds = times(3, 50);
    let commands = [
        "add-account 222222222222 key-policy.json --yes",
        "add-account 222222222222 key-policy.json --dry-run --format json",
        "add-account 222222222222 - < key-policy.json",
        "check 222222222222 key-policy.json",
        "list-accounts key-policy.json",
        "completions zsh",
        "man add-account",
        "--help",
    ];
    for _ in 0..rounds {
        for reader in ["head -1", "true"] {
            for line in commands {
                let (folder, policy) = folder();
                let line = format!("{} {line} | {reader}", env!("CARGO_BIN_EXE_ctpolicy"));
                let mut command = Command::new("sh");
                command.args(["-c", &line]).current_dir(folder.path());
                let (status, _, stderr) = run(&mut command);
                assert_eq!(status, 0);
                assert!(
                    !stderr.contains("panic") && !stderr.contains("error"),
                    "{line}: {stderr}"
                );
                let length = context_list(&policy).len();
                assert_eq!(length, if line.contains("--yes") { 2 } else { 1 });
            }
        }
    }
    println!("readers that go away: {} runs", rounds * 2 * commands.len());
}

/// Characters that move a cursor, colour a screen or reorder text.
fn dangerous() -> Vec<char> {
    let controls = (0..0x20_u8).chain(0x7f..=0x9f).map(char::from);
    let reordering = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}']
        .into_iter()
        .chain('\u{202a}'..='\u{202e}')
        .chain('\u{2066}'..='\u{2069}');
    controls
        .chain(reordering)
        .filter(|c| !matches!(c, '\n' | '\t'))
        .collect()
}

#[test]
fn nothing_raw_from_a_policy_reaches_a_terminal() {
    let commands = [
        &["add-account", ACCOUNT, "--dry-run"][..],
        &["add-account", ACCOUNT, "--dry-run", "--format", "markdown"],
        &["add-account", ACCOUNT, "--dry-run", "--format", "github"],
        &["add-account", ACCOUNT, "--dry-run", "--format", "json"],
        &[
            "add-account",
            ACCOUNT,
            "--dry-run",
            "--format",
            "json-patch",
        ],
        &["add-account", ACCOUNT, "--dry-run", "--sid", "no such Sid"],
        &["add-account", ACCOUNT, "--dry-run", "--insert"],
        &["add-account", ACCOUNT, "--dry-run", "--statement", "2"],
        &[
            "remove-account",
            "111111111111",
            "--dry-run",
            "--drop-statement",
        ],
        &["check", ACCOUNT],
        &["check", ACCOUNT, "--format", "json"],
        &["check", ACCOUNT, "--format", "markdown"],
        &["check", ACCOUNT, "--format", "github"],
        &["check", ACCOUNT, "--format", "sarif"],
        &["list-accounts"],
        &["list-accounts", "--format", "json"],
        &["list-accounts", "--format", "markdown"],
    ];
    let dangerous = dangerous();
    let mut runs = 0;
    for chunk in dangerous.chunks(times(40, 4)) {
        // As they stand, where JSON allows it, and as JSON's escapes.
        let raw: String = chunk.iter().filter(|c| **c >= ' ').collect();
        let escape = |c: &char| format!("\\u{:04x}", u32::from(*c));
        let escaped = chunk.iter().map(escape).collect::<Vec<_>>().concat();
        for spelling in [raw, escaped] {
            let text = POLICY
                .replace(
                    "111111111111:trail/*",
                    &format!("111111111111:trail/*{spelling}"),
                )
                .replace(
                    "Encrypt Permissions\"",
                    &format!("Encrypt Permissions{spelling}\""),
                );
            let (folder, _) = folder();
            let name = format!(
                "key{}.json",
                chunk.iter().filter(|c| **c != '\0').collect::<String>()
            );
            fs::write(folder.path().join(&name), text).unwrap();
            for arguments in commands {
                for sid in [&[][..], &["--color", "always"]] {
                    let mut command = ctpolicy(folder.path());
                    let (_, stdout, stderr) = run(command.args(arguments).arg(&name).args(sid));
                    let coloured = stdout + &stderr;
                    let shown = anstream::adapter::strip_str(&coloured).to_string();
                    let found = shown
                        .replace("\r\n", "\n")
                        .chars()
                        .find(|c| dangerous.contains(c));
                    assert_eq!(found, None, "{arguments:?}: {shown:?}");
                    runs += 1;
                }
            }
        }
    }
    println!(
        "terminal safety: {} characters, {runs} runs",
        dangerous.len()
    );
}
