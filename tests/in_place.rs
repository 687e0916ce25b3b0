//! Files in whose place no new one can be put: what is said, and `--in-place`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

use common::{
    ACCOUNT, POLICY, as_nobody, context_list, copy_binary, ctpolicy, folder, run, under,
    with_own_mounts,
};

const OFFER: &str = "help: --in-place overwrites the file itself, after its old bytes are saved\n";
const SAVED: &str = ".key-policy.json.ctpolicy.saved";

fn add(folder: &Path, options: &[&str]) -> Command {
    let mut command = ctpolicy(folder);
    command.args(["add-account", ACCOUNT, "key-policy.json", "--yes"]);
    command.args(options);
    command
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

/// The run under strace, whose calls about these paths fail or are waylaid.
fn injected(folder: &Path, paths: &[&str], inject: &[&str], options: &[&str]) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o", "/dev/null"]);
    for path in paths {
        strace.arg("-P").arg(folder.join(path));
    }
    for inject in inject {
        strace.args(["-e", &format!("inject={inject}")]);
    }
    under(strace, &add(folder, options))
}

#[test]
fn the_file_itself_is_overwritten_under_all_its_names() {
    let (folder, policy) = folder();
    let other = folder.path().join("other.json");
    fs::hard_link(&policy, &other).unwrap();
    let before = fs::metadata(&policy).unwrap().ino();
    let (status, _, stderr) = run(&mut add(folder.path(), &["--in-place", "--backup"]));
    assert_eq!(status, 0, "{stderr}");
    assert!(!stderr.contains("hard link"), "{stderr}");
    assert_eq!(fs::metadata(&policy).unwrap().ino(), before);
    assert_eq!(context_list(&other).len(), 2);
    let backup = folder.path().join("key-policy.json.bak");
    assert_eq!(fs::read_to_string(backup).unwrap(), POLICY);
    assert_eq!(count(folder.path()), 3);

    // What is shorter leaves nothing of what was longer.
    let added = fs::read_to_string(&policy).unwrap();
    let mut command = ctpolicy(folder.path());
    command.args(["remove-account", ACCOUNT, "key-policy.json", "--yes"]);
    let (status, _, stderr) = run(command.arg("--in-place"));
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(fs::read_to_string(&policy).unwrap(), POLICY);
    assert!(added.len() > POLICY.len());
}

#[test]
fn a_file_that_is_mounted_by_itself() {
    let script = r#"
        set -e
        mount --bind outside/key-policy.json key-policy.json
        status=0
        "$CTPOLICY" add-account 222222222222 key-policy.json --yes >/dev/null || status=$?
        cmp key-policy.json whole.json
        "$CTPOLICY" add-account 222222222222 key-policy.json --yes --in-place >/dev/null
        ls -A
        exit $status
    "#;
    let (folder, policy) = folder();
    fs::create_dir(folder.path().join("outside")).unwrap();
    let outside = folder.path().join("outside/key-policy.json");
    fs::write(&outside, POLICY).unwrap();
    fs::write(folder.path().join("whole.json"), POLICY).unwrap();
    let (status, stdout, stderr) = run(&mut with_own_mounts(script, folder.path()));
    assert_eq!(status, 2, "{stdout}{stderr}");
    let words = "cannot put the new file in its place, where a file is mounted by itself: device or resource busy";
    assert!(stderr.contains(words), "{stderr}");
    assert!(stderr.contains(OFFER), "{stderr}");
    assert_eq!(stdout, "key-policy.json\noutside\nwhole.json\n");
    assert_eq!(context_list(&outside).len(), 2);
    assert_eq!(fs::read_to_string(policy).unwrap(), POLICY);
}

#[test]
fn a_directory_that_takes_nothing() {
    let (folder, policy) = folder();
    let elsewhere = tempfile::tempdir().unwrap();
    let (binary, state) = (
        elsewhere.path().join("ctpolicy"),
        elsewhere.path().join("state"),
    );
    copy_binary(&binary);
    for path in [elsewhere.path(), &policy] {
        fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
    }
    fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
    let add = |options: &[&str], state: &Path| {
        let mut command = Command::new(&binary);
        command.args(["add-account", ACCOUNT, "key-policy.json", "--yes"]);
        command.args(options).current_dir(folder.path());
        run(as_nobody(command.env("XDG_STATE_HOME", state)))
    };
    let (status, _, stderr) = add(&[], &state);
    assert_eq!(status, 2, "{stderr}");
    assert!(
        stderr.contains("cannot write a temporary file in"),
        "{stderr}"
    );
    assert!(stderr.contains(OFFER), "{stderr}");

    let (status, _, stderr) = add(&["--in-place"], Path::new("/proc/nothing"));
    assert_eq!(status, 2, "{stderr}");
    let words = "error: key-policy.json: not written, since its old bytes cannot be kept: cannot write a temporary file in /proc/nothing";
    assert!(stderr.contains(words), "{stderr}");
    assert!(!stderr.contains(OFFER), "{stderr}");
    assert_eq!(fs::read_to_string(&policy).unwrap(), POLICY);

    let (status, _, stderr) = add(&["--in-place"], &state);
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(context_list(&policy).len(), 2);
    assert_eq!(count(&state.join("ctpolicy/in-place")), 0);
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(count(folder.path()), 1);
}

/// As CIFS and NFS are, by their mount options and servers.
#[test]
fn what_a_file_system_cannot_do_and_need_not_is_no_obstacle() {
    let (folder, policy) = folder();
    fs::set_permissions(&policy, Permissions::from_mode(0o600)).unwrap();
    let root = folder.path().canonicalize().unwrap();
    for options in [&[][..], &["--in-place"]] {
        for error in ["EINVAL", "EOPNOTSUPP"] {
            fs::write(&policy, POLICY).unwrap();
            let inject = [
                format!("flock:error={}", error.replace("EINVAL", "ENOLCK")),
                "fchmod,fchown:error=EPERM".to_owned(),
                // The file is brought to the disk, and then the directory.
                format!("fsync:error={error}:when=2"),
            ];
            let inject: Vec<&str> = inject.iter().map(String::as_str).collect();
            let (status, _, stderr) = run(&mut injected(&root, &[], &inject, options));
            assert_eq!(status, 0, "{inject:?}: {stderr}");
            assert_eq!(context_list(&policy).len(), 2);
            assert_eq!(count(&root), 1);
        }
    }
}

#[test]
fn a_mode_that_cannot_be_given_is_refused_with_the_offer() {
    let (folder, policy) = folder();
    fs::set_permissions(&policy, Permissions::from_mode(0o644)).unwrap();
    let root = folder.path().canonicalize().unwrap();
    let inject = ["fchmod:error=EPERM"];
    let (status, _, stderr) = run(&mut injected(&root, &[], &inject, &[]));
    assert_eq!(status, 2, "{stderr}");
    assert!(
        stderr.contains("cannot give the new file the old one's mode"),
        "{stderr}"
    );
    assert!(stderr.contains(OFFER), "{stderr}");
    assert_eq!(fs::read_to_string(&policy).unwrap(), POLICY);
    let (status, ..) = run(&mut injected(&root, &[], &inject, &["--in-place"]));
    assert_eq!((status, context_list(&policy).len()), (0, 2));
}

#[test]
fn a_write_that_fails_puts_the_old_bytes_back() {
    let (folder, policy) = folder();
    let root = folder.path().canonicalize().unwrap();
    for inject in [
        "write:error=ENOSPC:when=1",
        "ftruncate:error=EIO:when=1",
        "fsync:error=EIO:when=1",
    ] {
        let paths = ["key-policy.json"];
        let (status, _, stderr) = run(&mut injected(&root, &paths, &[inject], &["--in-place"]));
        assert_eq!(status, 2, "{inject}: {stderr}");
        let words = "error: key-policy.json: cannot overwrite it (it has its old bytes again): ";
        assert!(stderr.contains(words), "{stderr}");
        assert_eq!(fs::read_to_string(&policy).unwrap(), POLICY, "{inject}");
        assert_eq!(count(&root), 1);
    }
}

#[test]
fn a_file_that_was_left_in_part_is_named_with_its_old_bytes() {
    for (inject, wanted) in [
        // Neither the new bytes nor the old ones are taken.
        ("fsync:error=EIO", 2),
        // Killed when the bytes are there, and cut to their length.
        ("ftruncate:signal=KILL:when=1", -1),
        ("fsync:signal=KILL:when=1", -1),
    ] {
        let (folder, policy) = folder();
        let root = folder.path().canonicalize().unwrap();
        let paths = ["key-policy.json"];
        let (status, _, stderr) = run(&mut injected(&root, &paths, &[inject], &["--in-place"]));
        assert_eq!(status, wanted, "{inject}: {stderr}");
        let saved = root.join(SAVED);
        assert_eq!(fs::read_to_string(&saved).unwrap(), POLICY);
        assert_eq!(fs::metadata(&saved).unwrap().mode() & 0o7777, 0o600);
        if wanted == 2 {
            let words = format!(
                "it is overwritten in part (input/output error), and its old bytes are in {}",
                saved.display()
            );
            assert!(stderr.contains(&words), "{stderr}");
        }

        // The next run, whatever it is.
        for arguments in [
            &["check", "111111111111"][..],
            &["list-accounts"],
            &["add-account", ACCOUNT, "--yes"],
            &["add-account", ACCOUNT, "--yes", "--in-place"],
        ] {
            let mut command = ctpolicy(&root);
            let (status, _, stderr) = run(command.args(arguments).arg("key-policy.json"));
            assert_eq!(status, 2, "{stderr}");
            let words = format!(
                "error: key-policy.json: an earlier run was ended while it overwrote this file, whose old bytes are in {}\n  help: ",
                saved.display()
            );
            assert!(stderr.contains(&words), "{stderr}");
        }
        fs::rename(&saved, &policy).unwrap();
        let (status, _, stderr) = run(&mut add(&root, &["--in-place"]));
        assert_eq!(status, 0, "{stderr}");
        assert_eq!(context_list(&policy).len(), 2);
    }
}

/// A run that overwrites the file now has not left anything.
#[test]
fn a_run_that_is_under_way_is_waited_for() {
    let (folder, policy) = folder();
    let root = folder.path().canonicalize().unwrap();
    let delay = "fsync:delay_enter=700000:when=1";
    let paths = ["key-policy.json"];
    let mut command = injected(&root, &paths, &[delay], &["--in-place"]);
    let mut writer = command.stdout(Stdio::null()).spawn().unwrap();
    while !root.join(SAVED).exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
        assert!(writer.try_wait().unwrap().is_none());
    }
    let mut command = ctpolicy(&root);
    command.args(["check", "111111111111", "key-policy.json"]);
    let (status, _, stderr) = run(&mut command);
    assert_eq!(status, 0, "{stderr}");
    assert!(writer.wait().unwrap().success());
    assert_eq!(context_list(&policy).len(), 2);
}

#[test]
fn only_files_are_overwritten() {
    let (folder, _) = folder();
    let mut command = ctpolicy(folder.path());
    command.args(["add-account", ACCOUNT, "-", "--in-place"]);
    let (status, _, stderr) = run(&mut command);
    assert_eq!(status, 2);
    assert!(stderr.contains("--in-place is for files"), "{stderr}");
}
