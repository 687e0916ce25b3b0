//! Files import in one direction: no circle among the files of a crate, and
//! none among the folders right under its root.
//!
//! A file imports what its `use` declarations and the paths in its bodies
//! name: the file that a name is from, and each that gives it on. A module may
//! give on what its children have (`pub use child::Name`) and still be
//! imported by them. Test modules are left out, and so are methods, whose
//! files a text does not name.

#![allow(clippy::unwrap_used)]

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path from the crate's root: `[]` is the root itself.
type Names = Vec<String>;

/// The files that each file imports, and by which names it does.
type Imports = BTreeMap<Names, BTreeMap<Names, BTreeSet<String>>>;

/// A `use` declaration of one name.
struct Use {
    is_public: bool,
    path: Names,
    alias: String,
}

/// What a file says, as it is written.
#[derive(Default)]
struct File {
    children: Vec<String>,
    uses: Vec<Use>,
    /// The paths in its bodies.
    paths: Vec<Names>,
}

/// The files of a crate, by their modules.
struct Crate(BTreeMap<Names, File>);

impl Crate {
    fn read(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        read(root, root.parent().unwrap(), Vec::new(), &mut files);
        Self(files)
    }

    /// A path that a module names, from the root; nothing if it is no path of
    /// this crate.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Names> {
        let file = &self.0[module];
        let (first, rest) = path.split_first()?;
        let base = match first.as_str() {
            "crate" => Vec::new(),
            "self" => module.to_vec(),
            "super" => {
                let parent = module.split_last()?.1;
                if rest.first().is_some_and(|next| next == "super") {
                    return self.absolute(parent, rest);
                }
                parent.to_vec()
            }
            child if file.children.iter().any(|own| own == child) => {
                [module, std::slice::from_ref(first)].concat()
            }
            alias => {
                let mut uses = file.uses.iter();
                let own = uses.find(|own| own.alias == alias && own.path[0] != alias)?;
                self.absolute(module, &own.path)?
            }
        };
        Some([base, rest.to_vec()].concat())
    }

    /// The file that an absolute path leads to, and those that give it on.
    fn files(&self, path: &[String]) -> Vec<Names> {
        let length = (0..=path.len()).rfind(|length| self.0.contains_key(&path[..*length]));
        let (module, rest) = path.split_at(length.unwrap_or_default());
        let mut found = vec![module.to_vec()];
        if let Some(name) = rest.first() {
            let mut uses = self.0[module].uses.iter();
            let given = uses.find(|own| own.alias == *name);
            let given = given.and_then(|own| self.absolute(module, &own.path));
            found.extend(given.into_iter().flat_map(|path| self.files(&path)));
        }
        found
    }

    fn imports(&self) -> Imports {
        let mut imports = Imports::new();
        for (module, file) in &self.0 {
            let own = imports.entry(module.clone()).or_default();
            let uses = file.uses.iter().map(|own| (&own.path, own.is_public));
            let paths = file.paths.iter().map(|path| (path, false));
            for (path, is_public) in uses.chain(paths) {
                let Some(absolute) = self.absolute(module, path) else {
                    continue;
                };
                for file in self.files(&absolute) {
                    if file == *module || (is_public && file.starts_with(module)) {
                        continue;
                    }
                    let names = own.entry(file).or_default();
                    names.extend(path.last().cloned());
                }
            }
        }
        imports
    }
}

/// Reads a file and those of its modules, which are in `folder`.
fn read(path: &Path, folder: &Path, module: Names, files: &mut BTreeMap<Names, File>) {
    let text = fs::read_to_string(path).unwrap();
    let mut file = File::default();
    scan(text.parse().unwrap(), &mut file);
    for child in &file.children {
        let below = folder.join(child);
        let plain = folder.join(format!("{child}.rs"));
        let path = if plain.exists() {
            plain
        } else {
            below.join("mod.rs")
        };
        let module = [&module[..], std::slice::from_ref(child)].concat();
        read(&path, &below, module, files);
    }
    files.insert(module, file);
}

fn scan(tokens: TokenStream, file: &mut File) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    let mut is_public = false;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Punct(own) if own.as_char() == '#' && is_for_tests(tokens.get(at + 1)) => {
                at = end_of_item(&tokens, at);
            }
            TokenTree::Ident(own) if *own == "pub" => {
                is_public = true;
                at += 1 + usize::from(tokens.get(at + 1).is_some_and(is_scope));
                continue;
            }
            TokenTree::Ident(own) if *own == "use" => {
                let end = end_of_item(&tokens, at);
                tree(&tokens[at + 1..end], &[], is_public, &mut file.uses);
                at = end;
            }
            TokenTree::Ident(own) if *own == "mod" => {
                let [TokenTree::Ident(name), end, ..] = &tokens[at + 1..] else {
                    unreachable!("a module has a name");
                };
                assert!(!is_group(end, Delimiter::Brace), "{name}: in no file");
                file.children.push(name.to_string());
                at += 2;
            }
            TokenTree::Ident(_) => {
                let (path, end) = path(&tokens, at);
                if path.len() > 1 {
                    file.paths.push(path);
                }
                at = end;
                is_public = false;
                continue;
            }
            TokenTree::Group(group) => scan(group.stream(), file),
            _ => {}
        }
        is_public = false;
        at += 1;
    }
}

/// Whether it is `[cfg(test)]`.
fn is_for_tests(attribute: Option<&TokenTree>) -> bool {
    attribute.is_some_and(|own| own.to_string().replace(' ', "") == "[cfg(test)]")
}

/// Whether it is what follows `pub` in `pub(in crate::a)`, which imports nothing.
fn is_scope(token: &TokenTree) -> bool {
    let text = token.to_string();
    matches!(text.as_str(), "(crate)" | "(super)" | "(self)") || text.starts_with("(in ")
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

/// The `;` or the body that an item ends in.
fn end_of_item(tokens: &[TokenTree], from: usize) -> usize {
    let mut is_use = false;
    let end = tokens[from..].iter().position(|token| match token {
        TokenTree::Punct(own) => own.as_char() == ';',
        TokenTree::Ident(own) => {
            is_use |= *own == "use";
            false
        }
        other => !is_use && is_group(other, Delimiter::Brace),
    });
    end.map_or(tokens.len(), |end| from + end)
}

/// The names with `::` between them, and where they end.
fn path(tokens: &[TokenTree], from: usize) -> (Names, usize) {
    let mut names = Vec::new();
    let mut at = from;
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        names.push(name.to_string());
        at += 1;
        let is_colon =
            |token: &TokenTree| matches!(token, TokenTree::Punct(own) if own.as_char() == ':');
        match tokens.get(at..at + 2) {
            Some(colons) if colons.iter().all(is_colon) => at += 2,
            _ => break,
        }
    }
    (names, at)
}

/// The names that the tree of a `use` declaration brings in.
fn tree(tokens: &[TokenTree], before: &[String], is_public: bool, uses: &mut Vec<Use>) {
    let is_comma =
        |token: &TokenTree| matches!(token, TokenTree::Punct(own) if own.as_char() == ',');
    for one in tokens.split(is_comma).filter(|one| !one.is_empty()) {
        let (names, end) = path(one, 0);
        let mut path = [before, &names].concat();
        match &one[end..] {
            [TokenTree::Group(group)] => {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                tree(&inside, &path, is_public, uses);
                continue;
            }
            [TokenTree::Punct(_)] => path.push("*".to_owned()),
            _ => {}
        }
        let alias = match &one[end..] {
            [_, alias] => alias.to_string(),
            _ => path.last().cloned().unwrap_or_default(),
        };
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        uses.push(Use {
            is_public,
            alias: match alias.as_str() {
                "self" => path.last().cloned().unwrap_or_default(),
                _ => alias,
            },
            path,
        });
    }
}

/// The imports of folders, which files right under the root are too; by the
/// files that import.
fn of_folders(imports: &Imports) -> Imports {
    let mut folders = Imports::new();
    for (from, to) in imports {
        let own = folders.entry(from.iter().take(1).cloned().collect());
        let own: &mut BTreeMap<_, BTreeSet<_>> = own.or_default();
        for to in to.keys().filter(|to| to.first() != from.first()) {
            let files = own.entry(to.iter().take(1).cloned().collect()).or_default();
            files.insert(name(from));
        }
    }
    folders.remove(&Names::new());
    folders
}

/// The circles among files, the shortest ones first, with what ties them; of
/// those that share a file, one. Nothing if there is none.
fn circles(imports: &Imports) -> String {
    let mut found: Vec<Vec<&Names>> = imports
        .keys()
        .filter_map(|from| circle(imports, from))
        .collect();
    found.sort_by_key(Vec::len);
    let mut told = BTreeSet::new();
    let mut out = String::new();
    for circle in found {
        if circle.iter().any(|file| told.contains(file)) {
            continue;
        }
        out.push_str("a circle:\n");
        for (at, from) in circle.iter().enumerate() {
            let to = circle[(at + 1) % circle.len()];
            let names: Vec<&str> = imports[*from][to].iter().map(String::as_str).collect();
            let (from, to) = (name(from), name(to));
            let _ = writeln!(out, "  {from} imports {to}: {}", names.join(", "));
        }
        told.extend(circle);
    }
    out
}

/// A shortest way from a file back to itself.
fn circle<'i>(imports: &'i Imports, from: &'i Names) -> Option<Vec<&'i Names>> {
    let mut before: BTreeMap<&Names, &Names> = BTreeMap::new();
    let mut open = VecDeque::from([from]);
    while let Some(at) = open.pop_front() {
        for to in imports.get(at).into_iter().flat_map(BTreeMap::keys) {
            if to == from {
                let back = std::iter::successors(Some(at), |at| before.get(at).copied());
                let mut way: Vec<&Names> = back.collect();
                way.reverse();
                return Some(way);
            }
            if let Entry::Vacant(new) = before.entry(to) {
                new.insert(at);
                open.push_back(to);
            }
        }
    }
    None
}

fn name(module: &[String]) -> String {
    if module.is_empty() {
        return "the root".to_owned();
    }
    module.join("::")
}

/// The circles of a crate.
fn all_circles(root: &Path) -> String {
    let imports = Crate::read(root).imports();
    let folders = circles(&of_folders(&imports));
    circles(&imports) + &folders
}

#[test]
fn files_and_folders_import_in_one_direction() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for root in ["lib.rs", "main.rs", "bin/ctpolicy-kms/main.rs"] {
        let circles = all_circles(&src.join(root));
        assert!(circles.is_empty(), "{root}:\n{circles}");
    }
}

/// The circles of a crate that is a few texts.
fn circles_of(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    all_circles(&folder.path().join("lib.rs"))
}

#[test]
fn a_circle_is_told_with_what_ties_it() {
    let lib = ("lib.rs", "mod a; mod b;");
    for b in [
        "use crate::a::A;",
        "use super::a::{self, B as C};",
        "fn f() { vec![crate::a::A::new()]; }",
        "fn f() -> super::a::A {}",
        "#[cfg(test)] mod tests { fn f() {} } impl crate::a::A {}",
        "#[cfg(test)] use crate::x; pub(in crate::x) fn f() { super::a::f() }",
    ] {
        let told = circles_of(&[lib, ("a.rs", "use crate::b::{f, g};"), ("b.rs", b)]);
        assert!(
            told.contains("a imports b: f, g\n  b imports a: "),
            "{b}\n{told}"
        );
    }
}

#[test]
fn a_circle_behind_a_name_that_is_given_on_is_told() {
    let told = circles_of(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b; pub struct A; fn f() { b::g() }"),
        ("b/mod.rs", "mod deep; pub use deep::g;"),
        ("b/deep.rs", "use crate::a::A; pub fn g(a: A) {}"),
    ]);
    assert!(
        told.contains("  a imports b::deep: g\n  b::deep imports a: A\n"),
        "{told}"
    );
}

#[test]
fn what_is_no_circle_is_not_told() {
    let told = circles_of(&[
        ("lib.rs", "mod a; mod b; pub use a::A;"),
        (
            "a/mod.rs",
            "mod child; pub use child::C; pub struct A(pub crate::b::B);",
        ),
        (
            "a/child.rs",
            "use super::A; // crate::b::B\nconst TEXT: &str = \"crate::x\";",
        ),
        (
            "b.rs",
            "#[cfg(test)] mod tests { use crate::a::A; } #[cfg(test)] mod more;",
        ),
    ]);
    assert_eq!(told, "");
}
