//! RFC 8259, rule by rule: what a JSON parser must take is edited losslessly,
//! what it must not take is refused with line and column.
//!
//! <https://www.rfc-editor.org/rfc/rfc8259>

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;

use common::{ACCOUNT, POLICY, ctpolicy, run};

/// Values, by the section and rule that they try.
const ACCEPTED: &[(&str, &str)] = &[
    ("3 value: literal names", "null"),
    ("3 value: literal names", "[true, false]"),
    ("2 ws around structural characters", "\t[ \r\n ] "),
    ("2 ws around structural characters", "{ \"a\"\t:\r\n1 }"),
    ("4 object: empty", "{}"),
    ("4 object: empty name", "{\"\": 0}"),
    ("4 object: many members", "{\"a\":1,\"b\":{\"c\":[]}}"),
    ("5 array: empty", "[]"),
    ("5 array: values of several types", "[1,\"1\",null,{},[]]"),
    ("6 number: zero", "0"),
    ("6 number: minus zero", "-0"),
    ("6 number: int", "1234567890"),
    ("6 number: frac", "-1.50"),
    ("6 number: exp", "[1e1, 1E1, 1e+1, 1e-1, 1.0E-02]"),
    (
        "6 number: beyond an IEEE 754 integer",
        "123456789012345678901234567890",
    ),
    (
        "6 number: more digits than a double has",
        "0.1000000000000000055511151231257827",
    ),
    ("7 string: empty", "\"\""),
    (
        "7 string: two-character escapes",
        r#""\" \\ \/ \b \f \n \r \t""#,
    ),
    ("7 string: escaped solidus and unescaped", r#""a\/b/c""#),
    ("7 string: \\u in both cases", r#""\u00e9\u00E9""#),
    ("7 string: surrogate pair", r#""\ud83d\ude00""#),
    ("7 string: escaped control characters", r#""\u0000\u001f""#),
    ("7 string: DEL is unescaped", "\"\u{7f}\""),
    ("7 string: two, three and four bytes of UTF-8", "\"é€😀\""),
    ("7 string: noncharacter", "\"\u{ffff}\""),
    (
        "7 string: line separators of Unicode",
        "\"\u{2028}\u{2029}\"",
    ),
    (
        "8.2 names that look alike but are not equal",
        r#"{"é": 1, "e\u0301": 2}"#,
    ),
];

/// What no parser may take in the place of a value.
const REFUSED: &[(&str, &[u8])] = &[
    ("3 value: missing", b""),
    ("3 value: literal names are lower case", b"True"),
    ("3 value: no other literal names", b"undefined"),
    ("3 value: cut short", b"nul"),
    ("3 value: NaN is none", b"NaN"),
    ("3 value: Infinity is none", b"-Infinity"),
    ("2 ws: form feed is none", b"\x0c1"),
    ("2 ws: no-break space is none", b"\xc2\xa01"),
    ("2 ws: a BOM inside is none", b"\xef\xbb\xbf1"),
    ("2 comments are none", b"/* */ 1"),
    ("2 comments are none", b"1 // one"),
    ("2 comments are none", b"1 # one"),
    ("4 object: trailing comma", b"{\"a\": 1,}"),
    ("4 object: leading comma", b"{,\"a\": 1}"),
    ("4 object: two commas", b"{\"a\": 1,,\"b\": 2}"),
    ("4 object: no colon", b"{\"a\" 1}"),
    ("4 object: two colons", b"{\"a\":: 1}"),
    ("4 object: no value", b"{\"a\":}"),
    ("4 object: name without quotes", b"{a: 1}"),
    ("4 object: name in single quotes", b"{'a': 1}"),
    ("4 object: name is a number", b"{1: 1}"),
    ("4 object: semicolon", b"{\"a\": 1; \"b\": 2}"),
    ("4 object: closed by a bracket", b"{\"a\": 1]"),
    ("5 array: trailing comma", b"[1,]"),
    ("5 array: leading comma", b"[,1]"),
    ("5 array: two commas", b"[1,,2]"),
    ("5 array: no comma", b"[1 2]"),
    ("5 array: colon", b"[1: 2]"),
    ("5 array: closed by a brace", b"[1}"),
    ("5 array: not closed", b"[1"),
    ("6 number: leading zero", b"01"),
    ("6 number: leading zero behind minus", b"-01"),
    ("6 number: plus", b"+1"),
    ("6 number: two signs", b"--1"),
    ("6 number: minus alone", b"-"),
    ("6 number: no int", b".5"),
    ("6 number: no frac", b"1."),
    ("6 number: no frac before exp", b"1.e1"),
    ("6 number: no exp", b"1e"),
    ("6 number: no exp behind its sign", b"1e+"),
    ("6 number: hexadecimal", b"0x10"),
    ("6 number: separators", b"1_000"),
    ("6 number: full-width digit", b"\xef\xbc\x91"),
    ("7 string: not closed", b"\"a"),
    ("7 string: single quotes", b"'a'"),
    ("7 string: raw line feed", b"\"a\nb\""),
    ("7 string: raw tab", b"\"a\tb\""),
    ("7 string: raw NUL", b"\"a\0b\""),
    ("7 string: raw U+001F", b"\"\x1f\""),
    ("7 string: unknown escape", b"\"\\x41\""),
    ("7 string: escape in upper case", b"\"\\N\""),
    ("7 string: \\u with three digits", b"\"\\u123\""),
    ("7 string: \\u with no hexadecimal digit", b"\"\\u12G4\""),
    ("7 string: lone backslash", b"\"\\\""),
    ("8.1 UTF-8: byte 0xff", b"\"\xff\""),
    ("8.1 UTF-8: cut short", b"\"\xe2\x82\""),
    ("8.1 UTF-8: overlong", b"\"\xc0\xaf\""),
    ("8.1 UTF-8: encoded surrogate", b"\"\xed\xa0\x80\""),
    ("8.1 UTF-8: beyond U+10FFFF", b"\"\xf4\x90\x80\x80\""),
    ("8.2 lone high surrogate (unpredictable)", b"\"\\ud800\""),
    ("8.2 lone low surrogate (unpredictable)", b"\"\\udc00\""),
    ("4 equal names (unpredictable)", b"{\"a\": 1, \"a\": 2}"),
    ("9 limits: a number beyond a double", b"1e400"),
];

/// What makes another text of the policy.
type Spoil = fn(&str) -> String;

/// Whole texts that are none.
const TEXTS: &[(&str, Spoil)] = &[
    ("2 text: two values", |policy| format!("{policy}{policy}")),
    ("2 text: a value and a word", |policy| format!("{policy}x")),
    ("2 text: a comma behind it", |policy| format!("{policy},")),
    ("2 text: a bracket too many", |policy| format!("{policy}}}")),
    ("2 text: a bracket too few", |policy| {
        policy.trim_end().trim_end_matches('}').to_owned()
    }),
    ("2 text: cut in the middle", |policy| {
        policy[..policy.len() / 2].to_owned()
    }),
    ("2 text: a comment before it", |policy| {
        format!("// policy\n{policy}")
    }),
    ("8.1 text: NUL behind it", |policy| format!("{policy}\0")),
];

/// The policy with a member before its others.
fn with(value: &[u8]) -> Vec<u8> {
    let rest = POLICY.strip_prefix('{').unwrap();
    [b"{\n  \"Note\": ", value, b",", rest.as_bytes()].concat()
}

fn add(bytes: &[u8]) -> (i32, String, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.json");
    fs::write(&path, bytes).unwrap();
    let mut command = ctpolicy(folder.path());
    command.args(["add-account", ACCOUNT, "policy.json", "--yes"]);
    let (status, _, stderr) = run(&mut command);
    (status, stderr, fs::read(path).unwrap())
}

#[test]
fn what_must_be_taken_is_edited_losslessly() {
    let old = "\"arn:aws:cloudtrail:*:111111111111:trail/*\"";
    let new = format!("{old},\n            \"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*\"");
    let nested = ["[".repeat(100), "]".repeat(100)].concat();
    let deep = ("5 array: nested 100 deep", nested.as_str());
    for (rule, value) in ACCEPTED.iter().chain([&deep]) {
        let before = String::from_utf8(with(value.as_bytes())).unwrap();
        let (status, stderr, after) = add(before.as_bytes());
        assert_eq!(status, 0, "{rule}: {value}: {stderr}");
        assert_eq!(
            String::from_utf8(after).unwrap(),
            before.replace(old, &new),
            "{rule}"
        );
    }
}

/// `error: policy.json:LINE:COLUMN: …`
fn has_place(stderr: &str) -> bool {
    let Some(rest) = stderr.strip_prefix("error: policy.json:") else {
        return false;
    };
    let mut parts = rest.split(':');
    let mut is_number = || {
        parts
            .next()
            .is_some_and(|part| part.parse::<usize>().is_ok())
    };
    is_number() && is_number()
}

#[test]
fn what_must_not_be_taken_is_refused_with_its_place() {
    let values = REFUSED.iter().map(|(rule, value)| (*rule, with(value)));
    let texts = TEXTS
        .iter()
        .map(|(rule, text)| (*rule, text(POLICY).into_bytes()));
    for (rule, before) in values.chain(texts) {
        let (status, stderr, after) = add(&before);
        let text = String::from_utf8_lossy(&before);
        let text: String = text.lines().take(2).collect();
        assert_eq!(status, 2, "{rule}: {text}: {stderr}");
        assert!(has_place(&stderr), "{rule}: {text}: {stderr}");
        assert_eq!(after, before, "{rule}");
    }
}

/// 8.1: a parser may take a byte order mark; it stays.
#[test]
fn a_byte_order_mark_before_the_text_stays() {
    let before = format!("\u{feff}{POLICY}");
    let (status, stderr, after) = add(before.as_bytes());
    assert_eq!(status, 0, "{stderr}");
    assert!(after.starts_with("\u{feff}{".as_bytes()));
}
