#![allow(clippy::unwrap_used)]
//! How elements come and go, in odd layouts: the text that comes of each.

use hcl_edit::parser::parse_body;

use super::{Arrays, Draft};

/// A list's text after what is done with it.
fn edited(list: &str, edit: impl FnOnce(&mut Draft<'_>)) -> String {
    let host = format!("a = {list}\n");
    let arrays = Arrays::of(&parse_body(&host).unwrap());
    let mut draft = Draft::new(&host, &arrays.places[0], &arrays.heredocs, "\n");
    edit(&mut draft);
    draft.finish().apply(&host)[4..].trim_end().to_owned()
}

fn without(list: &str, index: usize) -> String {
    edited(list, |draft| draft.remove(index).unwrap())
}

/// A list's text without its last element.
fn without_last(list: &str) -> String {
    edited(list, |draft| {
        draft.remove(draft.place.elements.len() - 1).unwrap();
    })
}

/// A list's text with one more element.
fn with_one_more(list: &str) -> String {
    edited(list, |draft| {
        draft.append(&["\"z\"".to_owned()], false).unwrap();
    })
}

#[test]
fn the_last_element_goes_with_its_comments() {
    for (before, after) in [
        // Before the element on its line.
        (
            "[\n  \"x\", /* one */\n  /* two */ \"y\"\n]",
            "[\n  \"x\" /* one */\n]",
        ),
        (
            "[\n  \"x\", # one\n  /* two */ \"y\", # two\n]",
            "[\n  \"x\", # one\n]",
        ),
        (
            "[\"x\", /* one */\n  /* two */ \"y\"]",
            "[\"x\", /* one */]",
        ),
        // No comment to the line's end.
        (
            "[\"x\", /* at https://a */ \"y\"]",
            "[\"x\", /* at https://a */]",
        ),
        ("[\"x\", /* #1 */\n  \"y\"]", "[\"x\", /* #1 */]"),
        ("[\"x\", /*/ one */ \"y\"]", "[\"x\", /*/ one */]"),
        // A line break in a comment is none of the list's.
        (
            "[\"x\", /* one\n  two */ \"y\"]",
            "[\"x\", /* one\n  two */]",
        ),
        // The bracket cannot come to a comment's line.
        ("[\n  \"x\", # one\n  \"y\"]", "[\n  \"x\", # one\n]"),
        ("[\n  \"x\", // one\n  \"y\", ]", "[\n  \"x\", // one\n]"),
        (
            "[\n  \"x\", # one\n  # more\n  \"y\" /* two */]",
            "[\n  \"x\", # one\n  # more\n]",
        ),
        // A comma that starts its element's line.
        (
            "[\n  \"x\" # one\n  , \"y\" # two\n]",
            "[\n  \"x\" # one\n]",
        ),
        ("[\n  \"x\"\n  , \"y\"]", "[\n  \"x\"]"),
        ("[\"x\"\n  /* one */, \"y\"]", "[\"x\"\n  /* one */]"),
        // The one before comes to the bracket's line only as `terraform fmt` has it.
        ("[\n  \"x\",\n\"y\"]", "[\n\"x\"]"),
        ("[\n    \"x\",\n\"y\"]", "[\n    \"x\"]"),
        ("[\n  f(\n  1),\n\"y\"]", "[\n  f(\n  1)]"),
        // An only element leaves no comma.
        ("[\"x\",]", "[]"),
    ] {
        assert_eq!(without_last(before), after, "{before}");
    }
}

#[test]
fn a_comment_on_a_line_of_its_own_stays() {
    for (before, at, after) in [
        (
            "[\"x\",\n  # about y\n  \"y\",\n]",
            0,
            "[\n  # about y\n  \"y\",\n]",
        ),
        (
            "[\n  \"w\", \"x\",\n  # about y\n  \"y\",\n]",
            1,
            "[\n  \"w\",\n  # about y\n  \"y\",\n]",
        ),
        (
            "[\"x\", # about x\n  /* about y */\n  \"y\"]",
            0,
            "[\n  /* about y */\n  \"y\"]",
        ),
        // Those on its own line are about it.
        ("[\"x\", /* about x */ \"y\"]", 0, "[\"y\"]"),
        ("[\"x\", # about x\n  \"y\"]", 0, "[\"y\"]"),
    ] {
        assert_eq!(without(before, at), after, "{before}");
    }
}

#[test]
fn an_element_more_and_less_leaves_the_list_as_it_was() {
    for list in [
        "[\n  \"x\"]",
        "[\n  \"x\",\n  \"y\"]",
        "[\n  \"x\",\n  \"y\", ]",
        "[\n  \"x\",\n  \"y\" /* two */]",
        "[\n  \"x\",\n  \"y\", /* two */]",
        "[\"x\" /* one */\n]",
        "[\"x\", /* one */]",
        "[\"x\", /* one */ ]",
        // As `terraform fmt` has the line with the bracket.
        "[\n\"x\"]",
        "[\"x\",\n\"y\"]",
        "[\"x\", # one\n\"y\", ]",
        "[\n  \"x\",\n\"y\" /* two */]",
        "[\n  \"x\",\n\"y\", /* two */]",
        "[\n  \"x\",\n\"y\", /* two */ ]",
        "[\n\"x\" /* one\n  one */]",
    ] {
        assert_eq!(without_last(&with_one_more(list)), list);
    }
}

/// Lists, each with two elements or more.
const LISTS: [&str; 16] = [
    "[\"x\", \"y\"]",
    "[\"w\", \"x\", \"y\", ]",
    "[\n  \"x\",\n  \"y\"\n]",
    "[\n  \"w\",\n  \"x\",\n  \"y\",\n]",
    "[\n  \"w\", # one\n  \"x\", # two\n  \"y\" # three\n]",
    "[\n  # about w\n  \"w\",\n\n  # about x\n  \"x\",\n  \"y\"]",
    "[\n  \"w\" # one\n  , \"x\" # two\n  , \"y\"\n]",
    "[\"w\", /* one */ \"x\", /* two */\n  \"y\" /* three */]",
    "[\n  \"w\", \"x\",\n  \"y\", \"z\",\n]",
    "[\n\"w\",\n\"x\"]",
    "[\"w\",\n\"x\",\n\"y\"]",
    "[\n  \"w\",\n  \"x\",\n\"y\", /* two */ ]",
    "[{ a = 1 }, {\n  a = 2\n  }, {\n  a = 3\n}]",
    "[\n  <<EOT\nx\nEOT\n  ,\n  <<EOT\ny\nEOT\n]",
    "[\n  \"w\", <<EOT\nx\nEOT\n  , \"y\"]",
    "[\n  \"w\"   , # one\n  \"x\"   # two\n]",
];

/// Each set of elements goes, and elements come or not: in one draft, and in one
/// for each that is read again.
#[test]
fn many_elements_go_as_one_after_the_other() {
    for list in LISTS {
        let count = {
            let body = parse_body(&format!("a = {list}\n")).unwrap();
            Arrays::of(&body).places[0].elements.len()
        };
        for (set, add) in (0..1 << count).flat_map(|set| [0, 1, 2].map(|add| (set, add))) {
            let new: Vec<String> = (0..add).map(|own| format!("\"new{own}\"")).collect();
            let indices: Vec<usize> = (0..count).filter(|own| set & (1 << own) != 0).collect();
            let together = edited(list, |draft| {
                if !new.is_empty() {
                    draft.append(&new, false).unwrap();
                }
                for index in indices.iter().rev() {
                    draft.remove(*index).unwrap();
                }
            });
            let mut apart = list.to_owned();
            if !new.is_empty() {
                apart = edited(&apart, |draft| draft.append(&new, false).unwrap());
            }
            for index in indices.iter().rev() {
                apart = without(&apart, *index);
            }
            assert_eq!(together, apart, "{list} {indices:?} {add}");
        }
    }
}

#[test]
fn a_comment_stays_with_the_element_before_it() {
    for (before, after) in [
        ("[\"x\" /* x */\n]", "[\"x\" /* x */, \"z\"\n]"),
        ("[\"x\", /* x */]", "[\"x\", /* x */ \"z\"]"),
        ("[\"x\" # x\n,]", "[\"x\" # x\n, \"z\",]"),
        ("[\"x\"\n  # end\n]", "[\"x\", \"z\"\n  # end\n]"),
        ("[\n  \"x\" # x\n]", "[\n  \"x\", # x\n  \"z\"\n]"),
        ("[\n\"x\" /* x\n  x */]", "[\n\"x\" /* x\n  x */,\n\"z\"]"),
    ] {
        assert_eq!(with_one_more(before), after, "{before}");
    }
}

#[test]
fn an_empty_list_is_filled_where_its_brackets_stand() {
    for (before, after) in [
        ("[]", "[\"z\"]"),
        ("[ ]", "[\"z\"]"),
        ("[\n]", "[\n  \"z\",\n]"),
        ("[ # none yet\n]", "[ # none yet\n  \"z\",\n]"),
        ("[/* none yet */]", "[/* none yet */\n  \"z\",\n]"),
    ] {
        assert_eq!(with_one_more(before), after, "{before}");
    }
}

#[test]
fn a_heredoc_ends_on_a_line_of_its_own() {
    for (before, after) in [
        ("[<<EOT\nx\nEOT\n]", "[<<EOT\nx\nEOT\n, \"z\"\n]"),
        ("[\n  <<EOT\nx\nEOT\n]", "[\n  <<EOT\nx\nEOT\n  , \"z\"\n]"),
        (
            "[\n  <<EOT\nx\nEOT\n  ,\n]",
            "[\n  <<EOT\nx\nEOT\n  ,\n  \"z\",\n]",
        ),
    ] {
        assert_eq!(with_one_more(before), after, "{before}");
    }
    for (before, after) in [
        ("[<<EOT\nx\nEOT\n, \"y\"]", "[<<EOT\nx\nEOT\n]"),
        ("[\n  <<EOT\nx\nEOT\n  , \"y\",\n]", "[\n  <<EOT\nx\nEOT\n]"),
        (
            "[\n  <<EOT\nx\nEOT\n  ,\n  \"y\"\n]",
            "[\n  <<EOT\nx\nEOT\n  \n]",
        ),
    ] {
        assert_eq!(without_last(before), after, "{before}");
    }
}
