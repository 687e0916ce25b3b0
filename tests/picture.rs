//! The README's picture of a coloured diff is what the tool prints.
//! `UPDATE_GOLDEN=1` draws it anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;

use common::{ACCOUNT, ctpolicy, folder};

const PICTURE: &str = "docs/diff.svg";

#[test]
fn the_picture_is_of_the_real_output() {
    let (folder, _) = folder();
    let line = "add-account 222222222222 key-policy.json --dry-run";
    let output = ctpolicy(folder.path())
        .args(["add-account", ACCOUNT, "key-policy.json", "--dry-run"])
        .args(["--color", "always"])
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("\u{1b}["), "not coloured");
    let terminal = anstyle_svg::Term::new().min_width_px(720);
    let drawn = terminal.render_svg(&format!("$ ctpolicy {line}\n{shown}"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all("docs").unwrap();
        fs::write(PICTURE, &drawn).unwrap();
    }
    assert_eq!(fs::read_to_string(PICTURE).unwrap_or_default(), drawn);
}
