#![allow(clippy::unwrap_used)]
//! How elements come and go, in odd layouts: the text that comes of each.

use super::{append_texts, find, remove};
use crate::document::changes::edited;

/// A list's text without its last element.
fn without_last(list: &str) -> String {
    let host = format!("a = {list}\n");
    let place = find(&host, &|_| true).unwrap();
    let edits = remove(&host, place.elements.last().unwrap()).unwrap();
    edited(&host, &edits)[4..].trim_end().to_owned()
}

/// A list's text with one more element.
fn with_one_more(list: &str) -> String {
    let host = format!("a = {list}\n");
    let place = find(&host, &|_| true).unwrap();
    let edits = append_texts(&host, &place, &["\"z\"".to_owned()]);
    edited(&host, &edits)[4..].trim_end().to_owned()
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
        let host = format!("a = {before}\n");
        let place = find(&host, &|_| true).unwrap();
        let edits = remove(&host, &place.elements[at]).unwrap();
        let left = edited(&host, &edits);
        assert_eq!(left[4..].trim_end(), after, "{before}");
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
        // As `terraform fmt` has the line with the bracket.
        "[\n\"x\"]",
        "[\"x\",\n\"y\"]",
        "[\"x\", # one\n\"y\", ]",
        "[\n  \"x\",\n\"y\" /* two */]",
        "[\n  \"x\",\n\"y\", /* two */]",
        "[\n  \"x\",\n\"y\", /* two */ ]",
    ] {
        assert_eq!(without_last(&with_one_more(list)), list);
    }
}
