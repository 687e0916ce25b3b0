//! Reading and writing files: nothing lost, no litter.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{
    ACCOUNT, POLICY, as_nobody, context_list, copy_binary, ctpolicy, folder, heeding_signals, run,
    traced, under,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn add(folder: &Path, args: &[&str]) -> (i32, String, String) {
    run(ctpolicy(folder).args(["add-account", ACCOUNT]).args(args))
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn the_mode_stays_and_so_does_a_link() {
    let (folder, policy) = folder();
    fs::set_permissions(&policy, Permissions::from_mode(0o640)).unwrap();
    symlink("key-policy.json", folder.path().join("link.json")).unwrap();
    let (status, ..) = add(folder.path(), &["link.json", "--yes"]);
    assert_eq!(status, 0);
    assert_eq!(fs::metadata(&policy).unwrap().mode() & 0o7777, 0o640);
    let link = folder.path().join("link.json");
    assert_eq!(fs::read_link(link).unwrap(), Path::new("key-policy.json"));
    assert_eq!(context_list(&policy).len(), 2);
    assert_eq!(names(folder.path()).len(), 2);
}

#[test]
fn the_owner_stays_where_that_is_permitted() {
    let (folder, policy) = folder();
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if is_root {
        std::os::unix::fs::chown(&policy, Some(65534), Some(65534)).unwrap();
    }
    let owner = |path: &Path| fs::metadata(path).map(|m| (m.uid(), m.gid())).unwrap();
    let before = owner(&policy);
    assert_eq!(add(folder.path(), &["key-policy.json", "--yes"]).0, 0);
    assert_eq!(context_list(&policy).len(), 2);
    assert_eq!(owner(&policy), before);
}

#[test]
fn one_file_given_twice_is_edited_once() {
    let (folder, policy) = folder();
    symlink("key-policy.json", folder.path().join("link.json")).unwrap();
    let (status, stdout, _) = add(folder.path(), &["key-policy.json", "link.json", "--yes"]);
    assert_eq!(status, 0);
    assert_eq!(stdout.matches("+++ b/").count(), 1);
    assert_eq!(context_list(&policy).len(), 2);
}

#[test]
fn a_backup_holds_the_old_bytes() {
    let (folder, _) = folder();
    fs::set_permissions(
        folder.path().join("key-policy.json"),
        Permissions::from_mode(0o600),
    )
    .unwrap();
    assert_eq!(
        add(folder.path(), &["key-policy.json", "--yes", "--backup"]).0,
        0
    );
    let backup = folder.path().join("key-policy.json.bak");
    assert_eq!(fs::read_to_string(&backup).unwrap(), POLICY);
    assert_eq!(fs::metadata(&backup).unwrap().mode() & 0o7777, 0o600);
    let (status, _, stderr) = add(folder.path(), &["key-policy.json", "--yes", "--backup=/x"]);
    assert_eq!(status, 2, "{stderr}");
    assert_eq!(
        add(
            folder.path(),
            &["key-policy.json", "--yes", "--backup=.old"]
        )
        .0,
        0
    );
    assert_eq!(names(folder.path()).len(), 2, "nothing to do, so no backup");
}

#[test]
fn what_a_killed_run_left_is_cleared_away() {
    let (folder, policy) = folder();
    fs::write(folder.path().join(".key-policy.json.ctpolicy.tmp"), "half").unwrap();
    assert_eq!(add(folder.path(), &["key-policy.json", "--yes"]).0, 0);
    assert_eq!(context_list(&policy).len(), 2);
    assert_eq!(names(folder.path()).len(), 1);
}

#[test]
fn what_kms_takes_just_so_is_taken() {
    let edited = |letters: usize, spaces: usize| {
        let folder = tempfile::tempdir().unwrap();
        let mut policy: serde_json::Value = serde_json::from_str(POLICY).unwrap();
        policy["Id"] = "a".repeat(letters).into();
        let text = format!("{}{policy}", " ".repeat(spaces));
        fs::write(folder.path().join("policy.json"), text).unwrap();
        let (status, _, stderr) = add(folder.path(), &["policy.json", "--yes"]);
        let after = fs::metadata(folder.path().join("policy.json")).unwrap();
        (status, stderr, usize::try_from(after.len()).unwrap())
    };
    let others = edited(0, 0).2;
    let most = 32_768;
    let codes = ["nearly-full", "too-large", "too-large-as-laid-out"];
    for (length, spaces, code) in [
        (most * 80 / 100, 0, None),
        (most * 80 / 100 + 1, 0, Some("nearly-full")),
        (most, 0, Some("nearly-full")),
        (most + 1, 0, Some("too-large")),
        (most - 1, 1, Some("nearly-full")),
        (most, 1, Some("too-large-as-laid-out")),
    ] {
        let (status, stderr, written) = edited(length - others, spaces);
        let is_too_large = code == Some("too-large");
        assert_eq!(status, if is_too_large { 2 } else { 0 }, "{stderr}");
        assert!(is_too_large || written == length + spaces, "{written}");
        for one in codes {
            let is_said = stderr.contains(&format!("[{one}]"));
            assert_eq!(is_said, code == Some(one), "{length}: {stderr}");
        }
    }
}

/// After a crash the old bytes are there or the new ones.
#[test]
fn the_bytes_are_on_the_disk_before_they_take_the_place() {
    let (folder, policy) = folder();
    let root = folder.path().canonicalize().unwrap();
    let temporary = root.join(".key-policy.json.ctpolicy.tmp");
    let mut command = ctpolicy(folder.path());
    command.args(["add-account", ACCOUNT, "key-policy.json", "--yes"]);
    let (status, calls) = traced(&command, "fsync,fdatasync,rename,renameat,renameat2");
    assert_eq!((status, context_list(&policy).len()), (Some(0), 2));
    let at = |start: &str, path: &Path| {
        let path = path.to_str().unwrap();
        let is_it = |call: &String| call.starts_with(start) && call.contains(path);
        let found = calls.iter().position(is_it);
        found.unwrap_or_else(|| panic!("no {start} of {path} in {calls:#?}"))
    };
    let order = [
        at("fsync", &temporary),
        at("rename", &temporary),
        calls.len() - 1,
    ];
    assert!(order.is_sorted(), "{order:?} in {calls:#?}");
    let last = calls.last().unwrap();
    let directory = format!("<{}>)", root.display());
    assert!(
        last.starts_with("fsync") && last.contains(&directory),
        "{calls:#?}"
    );
}

/// `git apply` reads a name up to a tab, and without one up to a space.
#[test]
fn a_name_with_a_space_ends_with_a_tab_in_the_diff() {
    let (folder, policy) = folder();
    let name = "key policy.json";
    fs::rename(policy, folder.path().join(name)).unwrap();
    let (status, stdout, stderr) = add(folder.path(), &[name, "--dry-run"]);
    assert_eq!(status, 0, "{stderr}");
    let header = "--- a/key policy.json\t\n+++ b/key policy.json\t\n@@ ";
    assert!(stdout.starts_with(header), "{stdout}");
}

#[test]
fn fifty_processes_add_fifty_accounts() {
    let (folder, policy) = folder();
    let children: Vec<_> = (0..50)
        .map(|index| {
            ctpolicy(folder.path())
                .args([
                    "add-account",
                    &format!("3000000000{index:02}"),
                    "key-policy.json",
                    "--yes",
                ])
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let list = context_list(&policy);
    assert_eq!(list.len(), 51);
    assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), 51);
    assert_eq!(names(folder.path()).len(), 1);
}

/// An error: this status and these words, and the file as it was.
fn refused(folder: &Path, command: &mut Command, words: &str) {
    let before = fs::read(folder.join("key-policy.json")).unwrap();
    let (status, stdout, stderr) = run(command);
    assert_eq!(status, 2, "{stdout}{stderr}");
    assert!(stderr.contains(words), "{stderr}");
    assert_eq!(fs::read(folder.join("key-policy.json")).unwrap(), before);
    assert!(!names(folder).iter().any(|name| name.contains("tmp")));
}

#[test]
fn what_is_no_file_is_said() {
    let (folder, _) = folder();
    let _socket = UnixListener::bind(folder.path().join("socket")).unwrap();
    for (name, words) in [
        (".", "is a directory, not a file"),
        ("socket", "is a socket, not a file"),
        ("/dev/null", "is a device, not a file"),
        ("nowhere/key-policy.json", "no such file or directory"),
    ] {
        let mut command = ctpolicy(folder.path());
        command.args(["add-account", ACCOUNT, name, "--yes"]);
        refused(folder.path(), &mut command, words);
    }
}

#[test]
fn a_file_that_is_too_large_is_refused_with_its_size() {
    let (folder, _) = folder();
    let large = fs::File::create(folder.path().join("large.json")).unwrap();
    let mib = 1024 * 1024;
    let add = ["add-account", ACCOUNT, "large.json"];
    let edited = "files of at most 4 MiB; KMS takes policies of 32,768 bytes";
    let inspected = "files of at most 64 MiB; KMS takes policies of 32,768 bytes";
    for (size, options, words) in [
        (
            4 * mib + 1,
            "--yes",
            &format!("is 4.1 MiB; ctpolicy edits {edited}"),
        ),
        (
            5 * mib,
            "--dry-run",
            &format!("is 5.0 MiB; ctpolicy edits {edited}"),
        ),
        (
            70 * mib,
            "--check",
            &format!("is 70.0 MiB; ctpolicy edits {edited}"),
        ),
    ] {
        large.set_len(size).unwrap();
        let mut command = ctpolicy(folder.path());
        refused(folder.path(), command.args(add).arg(options), words);
    }
    let mut command = ctpolicy(folder.path());
    command.args(["check", ACCOUNT, "large.json"]);
    let words = format!("is 70.0 MiB; ctpolicy reads {inspected}");
    refused(folder.path(), &mut command, &words);
}

#[test]
fn what_is_edited_may_have_4_mib_and_what_is_asked_about_more() {
    let (folder, policy) = folder();
    let padded = |size: usize| POLICY.replacen('\n', &"\n".repeat(size - POLICY.len() + 1), 1);
    let most = 4 * 1024 * 1024;
    fs::write(&policy, padded(most)).unwrap();
    let (status, _, stderr) = add(folder.path(), &["key-policy.json", "--yes"]);
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(context_list(&policy).len(), 2);
    fs::write(&policy, padded(most + 1)).unwrap();
    for command in ["check", "list-accounts"] {
        let mut command_line = ctpolicy(folder.path());
        let accounts = (command == "check").then_some("111111111111");
        command_line
            .arg(command)
            .args(accounts)
            .arg("key-policy.json");
        let (status, _, stderr) = run(&mut command_line);
        assert_eq!(status, 0, "{stderr}");
    }
    let mut command = ctpolicy(folder.path());
    command.args(["add-account", ACCOUNT, "-"]);
    command.stdin(fs::File::open(&policy).unwrap());
    let (status, stdout, stderr) = run(&mut command);
    assert_eq!((status, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("error: <stdin>: is larger than 4 MiB; ctpolicy edits"),
        "{stderr}"
    );
}

/// A line of bash, with the binary as `ctpolicy`.
fn bash(folder: &Path, line: &str) -> (i32, String, String) {
    let mut command = Command::new("bash");
    let binary = env!("CARGO_BIN_EXE_ctpolicy");
    let line = format!("ctpolicy() {{ {binary} \"$@\"; }}; {line}");
    run(command.args(["-c", &line]).current_dir(folder))
}

#[test]
fn a_pipe_is_read_as_standard_input_is() {
    let (folder, policy) = folder();
    let made = Command::new("mkfifo")
        .arg(folder.path().join("fifo"))
        .status();
    assert!(made.unwrap().success());
    let lines = [
        "X - < key-policy.json",
        "X /dev/stdin < key-policy.json",
        "X /dev/fd/0 < key-policy.json",
        "X /dev/fd/3 3< key-policy.json",
        "X /proc/self/fd/3 3< key-policy.json",
        "X <(cat key-policy.json)",
        "X fifo & cat key-policy.json > fifo; wait $!",
    ];
    let outputs = |command: &str| {
        lines.map(|line| {
            let (status, stdout, stderr) = bash(folder.path(), &line.replacen('X', command, 1));
            assert_eq!(status, 0, "{line}: {stderr}");
            assert!(!stdout.is_empty(), "{line}");
            stdout
        })
    };
    let edited = outputs(&format!("ctpolicy add-account {ACCOUNT}"));
    assert!(edited.iter().all(|own| *own == edited[0]), "{edited:?}");
    // The file that it comes from is not written.
    assert_eq!(fs::read_to_string(&policy).unwrap(), POLICY);
    for command in ["ctpolicy check 111111111111", "ctpolicy list-accounts"] {
        for answer in outputs(command) {
            assert!(answer.contains("111111111111"), "{answer}");
        }
    }
    assert_eq!(add(folder.path(), &["key-policy.json", "--yes"]).0, 0);
    assert_eq!(fs::read_to_string(&policy).unwrap(), edited[0]);

    // Several may be asked about, and one be edited.
    let pipes = "<(cat key-policy.json) <(cat key-policy.json)";
    let line = format!("ctpolicy check {ACCOUNT} {pipes}");
    let (status, stdout, stderr) = bash(folder.path(), &line);
    assert_eq!(status, 0, "{stderr}");
    let allowed = format!(": account {ACCOUNT}: allowed\n");
    assert_eq!(stdout.matches(&allowed).count(), 2, "{stdout}");
    for (options, words) in [
        (pipes, "give it as the only POLICY"),
        (
            "<(cat key-policy.json) --backup",
            "no file to keep a --backup of",
        ),
        (
            "<(cat key-policy.json) --format json",
            "the edited policy goes to standard output",
        ),
        (
            "--accounts-from - /dev/stdin",
            "either the accounts or the policy",
        ),
    ] {
        let account = if options.starts_with("--a") {
            ""
        } else {
            ACCOUNT
        };
        let line = format!("ctpolicy add-account {account} {options}");
        let (status, stdout, stderr) = bash(folder.path(), &line);
        assert_eq!((status, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    let line = format!("ctpolicy check --accounts-from <(echo {ACCOUNT}) <(cat key-policy.json)");
    assert_eq!(bash(folder.path(), &line).0, 0);
}

/// Waits until it is so.
fn until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("it does not come");
}

/// The file, locked by this process.
fn locked(policy: &Path) -> fs::File {
    let file = fs::File::open(policy).unwrap();
    file.lock().unwrap();
    file
}

#[test]
fn a_lock_of_somebody_else_is_waited_for_and_given_up() {
    let (folder, policy) = folder();
    let lock = locked(&policy);
    for (wait, says) in [("2", true), ("0", false)] {
        let start = Instant::now();
        let mut command = ctpolicy(folder.path());
        command.args(["add-account", ACCOUNT, "key-policy.json", "--yes"]);
        let (status, _, stderr) = run(command.args(["--wait", wait]));
        assert_eq!(status, 2, "{stderr}");
        let seconds: u64 = wait.parse().unwrap();
        assert!(start.elapsed() >= Duration::from_secs(seconds));
        let words = "waits for another program's lock on key-policy.json\n";
        assert_eq!(stderr.contains(words), says, "{stderr}");
        let words = format!(
            "error: key-policy.json: another program holds its lock, and still does after {wait} s"
        );
        assert!(stderr.contains(&words), "{stderr}");
        assert_eq!(fs::read_to_string(&policy).unwrap(), POLICY);
    }
    // Of several files each tells at once, and they go on with the lock.
    fs::write(folder.path().join("other.json"), POLICY).unwrap();
    let mut child = ctpolicy(folder.path())
        .args(["add-account", ACCOUNT, "key-policy.json", "other.json"])
        .arg("--yes")
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(
        line,
        "waits for another program's lock on key-policy.json\n"
    );
    drop(lock);
    said.read_to_string(&mut line).unwrap();
    assert!(child.wait().unwrap().success(), "{line}");
    assert_eq!(context_list(&policy).len(), 2);
}

#[test]
fn where_there_are_no_locks_it_is_said_once() {
    for error in ["EOPNOTSUPP", "ENOSYS", "ENOLCK"] {
        let (folder, policy) = folder();
        fs::write(folder.path().join("other.json"), POLICY).unwrap();
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o", "/dev/null", "-e"]);
        strace.arg(format!("inject=flock:error={error}"));
        let mut command = ctpolicy(folder.path());
        command.args(["add-account", ACCOUNT, "key-policy.json", "other.json"]);
        let (status, _, stderr) = run(&mut under(strace, command.arg("--yes")));
        assert_eq!(status, 0, "{stderr}");
        let words = ": its file system has no locks: nothing keeps two runs on one file apart\n";
        assert_eq!(stderr.matches(words).count(), 1, "{stderr}");
        assert_eq!(context_list(&policy).len(), 2);
        assert_eq!(names(folder.path()).len(), 2);
    }
}

#[test]
fn a_temporary_file_in_the_way_is_named() {
    let (folder, _) = folder();
    let planted = folder.path().join(".key-policy.json.ctpolicy.tmp");
    fs::create_dir(&planted).unwrap();
    let (status, _, stderr) = add(folder.path(), &["key-policy.json", "--yes"]);
    assert_eq!(status, 2, "{stderr}");
    let planted = planted.canonicalize().unwrap();
    let words = format!("cannot clear the temporary file {} away", planted.display());
    assert!(stderr.contains(&words), "{stderr}");
}

/// Also for one file, where nothing needs to heed signals before.
#[test]
fn a_signal_while_a_file_is_written_leaves_no_temporary_file() {
    let write = |signal: Signal, files: &[&str]| {
        let (folder, policy) = folder();
        fs::write(folder.path().join("other.json"), POLICY).unwrap();
        let mut strace = Command::new("strace");
        // The child of this process is the one that is traced.
        strace.args(["-D", "-f", "-o", "/dev/null", "-e"]);
        strace.arg("inject=fsync:delay_enter=1200000:when=1");
        let mut command = ctpolicy(folder.path());
        command.args(["add-account", ACCOUNT]).args(files);
        command.arg("--yes");
        let mut command = heeding_signals(&under(strace, &command));
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let temporary = folder.path().join(".key-policy.json.ctpolicy.tmp");
        until(|| temporary.exists());
        let id = Pid::from_raw(child.id().try_into().unwrap());
        kill(id, signal).unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let number = output.status.signal();
        let number = number.or(output.status.code().map(|code| code - 128));
        assert_eq!(number, Some(signal as i32), "{stderr}");
        assert!(stderr.contains("key-policy.json: written\n"), "{stderr}");
        assert_eq!(context_list(&policy).len(), 2);
        assert_eq!(names(folder.path()).len(), 2, "{stderr}");
    };
    std::thread::scope(|scope| {
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            for files in [&["key-policy.json"][..], &["key-policy.json", "other.json"]] {
                scope.spawn(move || write(signal, files));
            }
        }
    });
}

#[test]
fn a_hard_link_is_said_before_it_is_broken() {
    let (folder, policy) = folder();
    let words = "key-policy.json:1:1: the file has another name (a hard link), under which the old bytes stay [hard-link]";
    let other = folder.path().join("other.json");
    fs::hard_link(&policy, &other).unwrap();
    for (option, wanted) in [("--dry-run", 0), ("--strict", 2), ("--yes", 0)] {
        let (status, _, stderr) = add(folder.path(), &["key-policy.json", option]);
        assert_eq!(status, wanted, "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    assert_eq!(fs::read_to_string(other).unwrap(), POLICY);
    assert_eq!(context_list(&policy).len(), 2);
    // Nothing is edited, so no link is broken.
    fs::hard_link(&policy, folder.path().join("third.json")).unwrap();
    let (status, _, stderr) = add(folder.path(), &["key-policy.json", "--yes"]);
    assert_eq!(status, 0, "{stderr}");
    assert!(!stderr.contains("hard-link"), "{stderr}");
}

#[test]
fn no_permission_is_an_error_before_anything_is_shown_or_written() {
    let (folder, policy) = folder();
    let binary = folder.path().join("ctpolicy");
    copy_binary(&binary);
    fs::write(folder.path().join("other.json"), POLICY).unwrap();
    fs::set_permissions(
        folder.path().join("other.json"),
        Permissions::from_mode(0o666),
    )
    .unwrap();
    for (file, directory, words) in [
        (0o444, 0o777, "cannot write it: permission denied"),
        (0o000, 0o777, "cannot read it: permission denied"),
        (0o666, 0o555, "cannot write a temporary file in"),
    ] {
        fs::set_permissions(&policy, Permissions::from_mode(file)).unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(directory)).unwrap();
        let mut command = Command::new(&binary);
        command.current_dir(folder.path());
        command.args([
            "add-account",
            ACCOUNT,
            "key-policy.json",
            "other.json",
            "--yes",
        ]);
        let (status, _, stderr) = run(as_nobody(&mut command));
        assert_eq!(status, 2, "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        fs::set_permissions(&policy, Permissions::from_mode(0o666)).unwrap();
        for name in ["key-policy.json", "other.json"] {
            assert_eq!(
                fs::read_to_string(folder.path().join(name)).unwrap(),
                POLICY
            );
        }
        assert_eq!(names(folder.path()).len(), 3);
    }
}

#[test]
fn a_directory_that_cannot_be_listed_is_no_obstacle() {
    let (folder, policy) = folder();
    let binary = std::env::temp_dir().join(format!("ctpolicy-{}", std::process::id()));
    copy_binary(&binary);
    fs::set_permissions(&policy, Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o333)).unwrap();
    let mut command = Command::new(&binary);
    command.args(["add-account", ACCOUNT, policy.to_str().unwrap(), "--yes"]);
    command.current_dir("/");
    let (status, _, stderr) = run(as_nobody(&mut command));
    fs::remove_file(binary).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(context_list(&policy).len(), 2);
}

#[test]
fn no_room_is_an_error_and_the_old_file_stays() {
    let (folder, policy) = folder();
    // The limit stands in for a full disk: the write stops part way.
    let padded = POLICY.replacen('\n', &format!("\n{}", " ".repeat(8_000)), 1);
    fs::write(&policy, &padded).unwrap();
    let line = format!(
        "trap '' XFSZ; ulimit -f 4; exec {} add-account {ACCOUNT} key-policy.json --yes",
        env!("CARGO_BIN_EXE_ctpolicy")
    );
    let mut command = Command::new("sh");
    command.args(["-c", &line]).current_dir(folder.path());
    refused(folder.path(), &mut command, "cannot write a temporary file");
    assert_eq!(fs::read_to_string(&policy).unwrap(), padded);
}

#[test]
fn standard_output_that_takes_nothing() {
    let (folder, _) = folder();
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut child = ctpolicy(folder.path())
        .args(["add-account", ACCOUNT, "-"])
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(POLICY.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("cannot write the policy to standard output"),
        "{stderr}"
    );
}

#[test]
fn standard_input_gives_standard_output() {
    let (folder, _) = folder();
    for bytes in [
        POLICY.to_owned(),
        format!("\u{feff}{}", POLICY.replace('\n', "\r\n")),
    ] {
        let file = folder.path().join("in.json");
        fs::write(&file, &bytes).unwrap();
        let output = ctpolicy(folder.path())
            .args(["add-account", ACCOUNT, "-"])
            .stdin(fs::File::open(&file).unwrap())
            .output()
            .unwrap();
        assert!(output.status.success());
        assert_eq!(add(folder.path(), &["in.json", "--yes"]).0, 0);
        assert_eq!(output.stdout, fs::read(&file).unwrap());
    }
}
