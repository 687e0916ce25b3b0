//! Texts of the golden cases with small changes: whatever became of them, no edit
//! may end in what is a defect of the program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "common/invariants.rs"]
#[allow(dead_code)]
mod invariants;

use std::fs;
use std::sync::LazyLock;

use ctpolicy::document::{Document, Selection};
use proptest::prelude::*;

/// The name and the text of each host in YAML or JSON.
static HOSTS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let cases = fs::read_dir("testdata/cases").unwrap();
    let files = cases.flat_map(|case| fs::read_dir(case.unwrap().path()).unwrap());
    let files = files.map(|file| file.unwrap().path());
    let mut hosts: Vec<(String, String)> = files
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            let ending = name.strip_prefix("before.")?;
            let is_meant = ["json", "yaml", "template", "json.j2", "yml"].contains(&ending);
            let text = fs::read_to_string(&path).ok().filter(|_| is_meant)?;
            (text.len() < 8_000).then_some((name, text))
        })
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
});

/// A small change of a text.
#[derive(Debug, Clone)]
enum Change {
    /// A line goes.
    Drop(prop::sample::Index),
    /// A line comes twice.
    Double(prop::sample::Index),
    /// A line's indent grows or shrinks.
    Indent(prop::sample::Index, usize),
    /// This comes somewhere.
    Insert(prop::sample::Index, &'static str),
    /// So many characters go.
    Cut(prop::sample::Index, usize),
    /// Each line ends in CR LF.
    Crlf,
    /// The text does not end in a line end.
    Bare,
}

const SCRAPS: [&str; 24] = [
    " ", "\n", "\n\n", "#", " # x", "\n# x\n", " # x\n", ",", "- ", "[", "]", "{", "}", "\"", "'",
    ": ", "!Sub ", "&a ", "*a", "|\n", ">-\n", "${A}", "{{ a }}", "\t",
];

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        2 => at().prop_map(Change::Drop),
        1 => at().prop_map(Change::Double),
        3 => (at(), 0..5_usize).prop_map(|(at, by)| Change::Indent(at, by)),
        8 => (at(), prop::sample::select(&SCRAPS[..])).prop_map(|(at, own)| Change::Insert(at, own)),
        4 => (at(), 1..3_usize).prop_map(|(at, count)| Change::Cut(at, count)),
        1 => Just(Change::Crlf),
        1 => Just(Change::Bare),
    ]
}

impl Change {
    fn make(&self, text: &str) -> String {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let mut characters: Vec<char> = text.chars().collect();
        if characters.is_empty() {
            return String::new();
        }
        match self {
            Self::Drop(at) => {
                lines.remove(at.index(lines.len()));
            }
            Self::Double(at) => {
                let at = at.index(lines.len());
                lines.insert(at, lines[at].clone());
            }
            Self::Indent(at, by) => {
                let line = at.get_mut(&mut lines);
                *line = match by {
                    0 | 1 => line.strip_prefix("  ").unwrap_or(line).to_owned(),
                    by => " ".repeat(by - 1) + line,
                };
            }
            Self::Insert(at, own) => {
                let at = at.index(characters.len());
                characters.splice(at..at, own.chars());
                return characters.into_iter().collect();
            }
            Self::Cut(at, count) => {
                let at = at.index(characters.len());
                characters.drain(at..(at + count).min(characters.len()));
                return characters.into_iter().collect();
            }
            Self::Crlf => return text.replace("\r\n", "\n").replace('\n', "\r\n"),
            Self::Bare => return text.trim_end().to_owned(),
        }
        lines.concat()
    }
}

/// `CASES=60000 cargo test --release --test broken_hosts` looks for longer.
fn config() -> ProptestConfig {
    let cases = std::env::var("CASES").map_or(256, |own| own.parse().unwrap());
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_edit_is_a_defect(host in any::<prop::sample::Index>(), changes in prop::collection::vec(change(), 0..4)) {
        let (name, text) = host.get(&HOSTS);
        let text = changes.iter().fold(text.clone(), |text, own| own.make(&text));
        let selection = Selection { name: name.clone(), ..Selection::default() };
        let Ok(before) = Document::open(text.as_bytes(), &selection) else {
            return Ok(());
        };
        prop_assert_eq!(before.as_bytes(), text.as_bytes());
        let accounts = ["222222222222", "111111111111"].map(str::to_owned);
        invariants::no_edit_is_a_defect(&before, &accounts[..1]);
        invariants::no_edit_is_a_defect(&before, &accounts);
        invariants::no_edit_is_a_defect(&before, &accounts[1..]);
    }
}
