#![allow(clippy::unwrap_used, clippy::panic)]
//! Edits of YAML texts, in every layout: the text that comes of each.

use json_patch::PatchOperation;
use json_patch::jsonptr::{Pointer, PointerBuf};
use serde_json::json;

use super::layout::Layout;
use super::{parse, splice};
use crate::operations::{Operation, Operations};
use crate::text::edit::TextEdit;
use crate::value::Value;

/// The operation that RFC 6902 writes so.
fn operation(own: PatchOperation) -> Operation {
    let split = |path: &Pointer| {
        let (target, last) = path.split_back().unwrap();
        (target.to_buf(), last.decoded().into_owned())
    };
    match own {
        PatchOperation::Add(add) => match split(&add.path) {
            (list, end) if end == "-" => Operation::append(list, vec![add.value]),
            (object, key) => {
                let value = add.value;
                Operation::Member { object, key, value }
            }
        },
        PatchOperation::Replace(replace) => {
            let more = replace.value.as_array().unwrap()[1..].to_vec();
            Operation::append(replace.path, more)
        }
        PatchOperation::Remove(remove) => {
            let (list, index) = split(&remove.path);
            Operation::take_out(list, vec![index.parse().unwrap()])
        }
        other => panic!("{other}"),
    }
}

/// Does the operations to a text, and compares what it reads as.
fn edit(text: &str, operations: serde_json::Value) -> String {
    let operations: Vec<PatchOperation> = serde_json::from_value(operations).unwrap();
    let operations: Operations = operations.into_iter().map(operation).collect();
    edited(text, &operations)
}

fn edited(text: &str, operations: &Operations) -> String {
    let document = parse(text).unwrap();
    let layout = Layout::new(text, &document.tree, &|_| None);
    let edits = operations
        .iter()
        .map(|own| splice::edit(layout, own).unwrap().unwrap());
    let text = TextEdit::all(edits).unwrap().apply(text);
    let mut patched = document.value;
    operations.apply(&mut patched).unwrap();
    let read = parse(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    assert_eq!(read.value, patched, "\n{text}");
    text
}

fn appended(text: &str, path: &str) -> String {
    edit(
        text,
        json!([{ "op": "add", "path": format!("{path}/-"), "value": "arn:aws:cloudtrail:*:2:trail/*" }]),
    )
}

fn wrapped(text: &str, path: &str) -> String {
    let old = parse(text).unwrap().value;
    let old = old.pointer(path).unwrap();
    edit(
        text,
        json!([{ "op": "replace", "path": path, "value": [old, "new"] }]),
    )
}

fn removed(text: &str, path: &str) -> String {
    edit(text, json!([{ "op": "remove", "path": path }]))
}

#[test]
fn appending_to_a_block_sequence() {
    for (before, after) in [
        (
            "a:\n  - x  # ours\n  # end\nb: 1\n",
            "a:\n  - x  # ours\n  - arn:aws:cloudtrail:*:2:trail/*\n  # end\nb: 1\n",
        ),
        (
            "a:\n- \"x\"\n",
            "a:\n- \"x\"\n- \"arn:aws:cloudtrail:*:2:trail/*\"\n",
        ),
        (
            "a:\n-   'x'",
            "a:\n-   'x'\n-   'arn:aws:cloudtrail:*:2:trail/*'",
        ),
        (
            "a:\r\n  - x\r\nb: 1\r\n",
            "a:\r\n  - x\r\n  - arn:aws:cloudtrail:*:2:trail/*\r\nb: 1\r\n",
        ),
        (
            "a:\n  - é # é\n",
            "a:\n  - é # é\n  - arn:aws:cloudtrail:*:2:trail/*\n",
        ),
        (
            "a:\n  - |\n    x\n\n\nb: 1\n",
            "a:\n  - |\n    x\n  - arn:aws:cloudtrail:*:2:trail/*\n\n\nb: 1\n",
        ),
        (
            "a:\n  - x\n\n  - y\n",
            "a:\n  - x\n\n  - y\n\n  - arn:aws:cloudtrail:*:2:trail/*\n",
        ),
        (
            "a:\n  -\n    x\n",
            "a:\n  -\n    x\n  - arn:aws:cloudtrail:*:2:trail/*\n",
        ),
        (
            "a:\n  -\n    x\n  -\n    y\n",
            "a:\n  -\n    x\n  -\n    y\n  - arn:aws:cloudtrail:*:2:trail/*\n",
        ),
        (
            "a:\n-   x\n- y\n",
            "a:\n-   x\n- y\n- arn:aws:cloudtrail:*:2:trail/*\n",
        ),
        (
            "a:\n  -\n      x\n",
            "a:\n  -\n      x\n  - arn:aws:cloudtrail:*:2:trail/*\n",
        ),
        (
            "a: &l !T\n  - x\n",
            "a: &l !T\n  - x\n  - arn:aws:cloudtrail:*:2:trail/*\n",
        ),
    ] {
        let path = if before.contains("!T") {
            "/a/Fn::T"
        } else {
            "/a"
        };
        assert_eq!(appended(before, path), after);
    }
}

#[test]
fn appending_to_a_flow_sequence() {
    for (before, after) in [
        (
            "a: [x]  # ours\n",
            "a: [x, arn:aws:cloudtrail:*:2:trail/*]  # ours\n",
        ),
        (
            "a: [ \"x\",\"y\" ]\n",
            "a: [ \"x\",\"y\",\"arn:aws:cloudtrail:*:2:trail/*\" ]\n",
        ),
        (
            "a: ['x' , ]\n",
            "a: ['x', 'arn:aws:cloudtrail:*:2:trail/*' , ]\n",
        ),
        (
            "a: [\n    x,  # ours\n    y  # theirs\n  ]\n",
            "a: [\n    x,  # ours\n    y,  # theirs\n    arn:aws:cloudtrail:*:2:trail/*\n  ]\n",
        ),
        (
            "a: [\n    x,  # ours\n    # end\n  ]\n",
            "a: [\n    x,  # ours\n    arn:aws:cloudtrail:*:2:trail/*,\n    # end\n  ]\n",
        ),
        (
            "a: [\n    x,\n    y]\n",
            "a: [\n    x,\n    y,\n    arn:aws:cloudtrail:*:2:trail/*]\n",
        ),
        (
            "a: [\n    x,\n    y, ]  # ours\n",
            "a: [\n    x,\n    y,\n    arn:aws:cloudtrail:*:2:trail/*, ]  # ours\n",
        ),
        (
            "a: [\r\n    x ,]\r\n",
            "a: [\r\n    x ,\r\n    arn:aws:cloudtrail:*:2:trail/*,]\r\n",
        ),
        (
            "a: [ x\n  , y\n  , ]\n",
            "a: [ x\n  , y\n  ,\n    arn:aws:cloudtrail:*:2:trail/*, ]\n",
        ),
        (
            "a: []\nb:\n  - x\n",
            "a:\n  - arn:aws:cloudtrail:*:2:trail/*\nb:\n  - x\n",
        ),
        ("a: {b: []}\n", "a: {b: [arn:aws:cloudtrail:*:2:trail/*]}\n"),
    ] {
        let path = if before.contains("{b") || before.contains("\"b\"") {
            "/a/b"
        } else {
            "/a"
        };
        assert_eq!(appended(before, path), after);
    }
}

#[test]
fn a_scalar_becomes_a_sequence() {
    for (before, after) in [
        ("a: x  # ours\nb: 1\n", "a:\n  - x  # ours\n  - new\nb: 1\n"),
        (
            "a: \"x\"\nb:\n- \"1\"\n",
            "a:\n- \"x\"\n- \"new\"\nb:\n- \"1\"\n",
        ),
        ("a: x\nb: [y]\n", "a: [x, new]\nb: [y]\n"),
        ("a:\n  x  # ours\n", "a:\n- x  # ours\n- new\n"),
        ("a:\n x\n", "a:\n- x\n- new\n"),
        // Over several lines, which stay where they are.
        ("a:\n x\n  y # ours\n", "a:\n-\n x\n  y # ours\n- new\n"),
        (
            "a:\r\n 'x\r\n\r\n y'\r\n",
            "a:\r\n-\r\n 'x\r\n\r\n y'\r\n- new\r\n",
        ),
        ("a:\n  x\n  y\n", "a:\n- x\n  y\n- new\n"),
        ("a:\n     x\n    y\n", "a:\n   - x\n    y\n   - new\n"),
        ("a:\n     x\n  y\n", "a:\n -   x\n  y\n - new\n"),
        ("a:\n      !Sub\n  x\n", "a:\n -    !Sub\n  x\n - new\n"),
        ("a:\n    \"x\\\n y\"\n", "a:\n-   \"x\\\n y\"\n- new\n"),
        ("a:\n >-\n  x\n", "a:\n-\n >-\n  x\n- new\n"),
        ("a: >-\n  x\n", "a:\n- >-\n  x\n- new\n"),
        ("a: >-\n  x\nb: [y]\n", "a:\n- >-\n  x\n- new\nb: [y]\n"),
        (
            "a:\n  Fn::Sub: x\nb: [y]\n",
            "a:\n- Fn::Sub: x\n- new\nb: [y]\n",
        ),
        ("{a: x}\n", "{a: [x, new]}\n"),
        ("a: 'x'\r\n", "a:\r\n  - 'x'\r\n  - 'new'\r\n"),
    ] {
        assert_eq!(wrapped(before, "/a"), after);
    }
}

#[test]
fn a_mapping_becomes_a_sequence() {
    let before = "a:\n    Sid: x  # ours\n    Effect: Allow\nb: 1\n";
    let operations = json!([{ "op": "replace", "path": "/a", "value": [
        { "Sid": "x", "Effect": "Allow" }, { "Sid": "z", "Effect": "Allow" }
    ]}]);
    assert_eq!(
        edit(before, operations.clone()),
        "a:\n  - Sid: x  # ours\n    Effect: Allow\n  - Sid: z\n    Effect: Allow\nb: 1\n"
    );
    assert_eq!(
        edit("a: {Sid: x, Effect: Allow}\nb: 1\n", operations.clone()),
        "a: [{Sid: x, Effect: Allow}, {Sid: z, Effect: Allow}]\nb: 1\n"
    );
    assert_eq!(
        edit(&before.replace("    ", " "), operations),
        "a:\n-\n Sid: x  # ours\n Effect: Allow\n- Sid: z\n  Effect: Allow\nb: 1\n"
    );
}

#[test]
fn an_item_is_removed_with_its_line() {
    for (before, index, after) in [
        ("a:\n  - x  # ours\n  - y\n", 0, "a:\n  - y\n"),
        ("a:\n  - x\n  - y # é", 1, "a:\n  - x"),
        ("a:\n- - x\n  - y\n", 9, "a:\n- - y\n"),
        ("a: [x, y]\n", 0, "a: [y]\n"),
        ("a: [x, y]\n", 1, "a: [x]\n"),
        (
            "a: [\n  x,  # ours\n  y  # theirs\n]\n",
            1,
            "a: [\n  x  # ours\n]\n",
        ),
        (
            "a: [\n  x,  # ours\n  y  # theirs\n]\n",
            0,
            "a: [\n  y  # theirs\n]\n",
        ),
        ("a: [\n  x,\n  y,\n]\n", 1, "a: [\n  x,\n]\n"),
        (
            "a:\r\n  - x\r\n  - y\r\nb: 1\r\n",
            1,
            "a:\r\n  - x\r\nb: 1\r\n",
        ),
        (
            "a:\n  - Sid: x\n    Effect: |\n      q\n\n  - Sid: y\n",
            0,
            "a:\n\n  - Sid: y\n",
        ),
        (
            "a:\n  - |\n    x\n\n  - y\n  - z\n",
            1,
            "a:\n  - |\n    x\n\n  - z\n",
        ),
        ("a:\n\n  - x\n\n  - y\n", 0, "a:\n\n\n  - y\n"),
    ] {
        let path = if index == 9 {
            "/a/0/0".to_owned()
        } else {
            format!("/a/{index}")
        };
        assert_eq!(removed(before, &path), after);
    }
}

#[test]
fn of_what_stands_before_a_first_key_only_spaces_are_copied() {
    for (first, after) in [
        ("{ x: { k: z } }", "{ x: { k: w } }"),
        ("{x: {? k : z}}", "{x: {k: w}}"),
        ("{x: { ? k : z}}", "{x: { k: w }}"),
        ("{x: {? }}", "{x: {k: w}}"),
    ] {
        let add = json!([{ "op": "add", "path": "/a/-", "value": { "x": { "k": "w" } } }]);
        assert_eq!(
            edit(&format!("a: [{first}]\n"), add),
            format!("a: [{first}, {after}]\n")
        );
    }
}

#[test]
fn brackets_do_not_end_a_placeholder_that_nothing_ended() {
    let add = json!([{ "op": "add", "path": "/a/-", "value": { "x": { "k": "w" } } }]);
    assert_eq!(
        edit("b: '{{'\na: [{x: {k: z} }]\n", add.clone()),
        "b: '{{'\na: [{x: {k: z} }, {x: {k: w} }]\n"
    );
    assert_eq!(
        edit("b: '{{'\na: [{  x: {  k: z  }  }]\n", add),
        "b: '{{'\na: [{  x: {  k: z  }  }, {  x: {  k: w  }  }]\n"
    );
}

#[test]
fn what_a_scalar_keeps_stays_its_own() {
    for (before, at, after) in [
        ("a:\n  - |+\n    x\n\n  - y\n", 1, "a:\n  - |+\n    x\n\n"),
        (
            "a:\n  - b: >+  # c\n      x\n\n  - y",
            1,
            "a:\n  - b: >+  # c\n      x\n\n",
        ),
        // What stands behind would be the scalar's.
        ("a:\n  - |+\n    x\n  - y\n\n\n", 1, "a:\n  - |+\n    x\n"),
        (
            "a:\n- !t |+\n  x\n\n- y\n \n\n- z\n",
            1,
            "a:\n- !t |+\n  x\n\n- z\n",
        ),
        // A comment ends it.
        (
            "a:\n- |+\n  x\n\n# c\n\n- y\n\n",
            1,
            "a:\n- |+\n  x\n\n# c\n\n",
        ),
        ("a:\n- |+\n  x\n# c\n\n- y\n", 1, "a:\n- |+\n  x\n# c\n"),
        // Only what it ends in counts.
        (
            "a:\n- k: |+\n    x\n  b: y\n\n- z\n",
            1,
            "a:\n- k: |+\n    x\n  b: y\n",
        ),
        // A comment in its header says nothing of it.
        (
            "a:\n  - w\n  - |  # c + -\n    x\n\n  - y",
            2,
            "a:\n  - w\n  - |  # c + -\n    x\n",
        ),
        (
            "a:\n  - |+\r\n    x\r\n\r\n  - y\r\n  - z\r\n",
            1,
            "a:\n  - |+\r\n    x\r\n\r\n  - z\r\n",
        ),
        // The next item's line is none of it.
        ("a:\n  - |+\n    x\n\n  - y\n", 0, "a:\n  - y\n"),
        // The line break at the end is the scalar's: without it, the spec's
        // value has none.
        ("a:\n  - |\n    x\n\n  - y", 1, "a:\n  - |\n    x\n"),
        (
            "a:\n  - b: >\r\n      x\r\n  - y",
            1,
            "a:\n  - b: >\r\n      x\r\n",
        ),
        ("a:\n  - |-\n    x\n  - y", 1, "a:\n  - |-\n    x"),
        (
            "a:\n  - w\n\n  - |+\n    x\n\n  - y\n",
            1,
            "a:\n  - w\n\n  - y\n",
        ),
    ] {
        assert_eq!(removed(before, &format!("/a/{at}")), after, "{before}");
    }
    assert_eq!(
        appended("a:\n  - |+\n    x\n\nb: 1\n", "/a"),
        "a:\n  - |+\n    x\n\n  - arn:aws:cloudtrail:*:2:trail/*\nb: 1\n"
    );
    assert_eq!(
        appended("a:\r\n  - |+\r\n    x\r\n", "/a"),
        "a:\r\n  - |+\r\n    x\r\n  - arn:aws:cloudtrail:*:2:trail/*\r\n"
    );
    // An empty line like the one between its siblings would be the scalar's.
    assert_eq!(
        appended("a:\n  - w\n\n  - |+\n    x\n", "/a"),
        "a:\n  - w\n\n  - |+\n    x\n  - arn:aws:cloudtrail:*:2:trail/*\n"
    );
}

#[test]
fn what_would_give_a_scalar_a_line_break_is_refused() {
    for (text, is_refused) in [
        ("a:\n  - |\n    x", true),
        ("a:\n  - |+\n    x", true),
        ("a:\n  - |-\n    x", false),
        ("a:\n  - |\n    x\n", false),
        // It becomes an item, before another one.
        ("a: |\n  x", true),
        ("a: |-\n  x", false),
    ] {
        let document = parse(text).unwrap();
        let layout = Layout::new(text, &document.tree, &|_| None);
        let list = PointerBuf::from_tokens(["a"]);
        let edit = splice::edit(layout, &Operation::append(list, vec!["y".into()]));
        assert_eq!(edit.is_err(), is_refused, "{text}");
    }
}

#[test]
fn what_a_text_means() {
    for (text, value) in [
        ("{<<: {b: c}}", json!({"b": "c"})),
        ("{\"<<\": {b: c}}", json!({"<<": {"b": "c"}})),
        // A mapping's own members count, and of those merged the first.
        ("{<<: {b: c}, b: d}", json!({"b": "d"})),
        ("{<<: [{b: c}, {b: d, e: f}]}", json!({"b": "c", "e": "f"})),
        ("a: !Condition x", json!({"a": {"Condition": "x"}})),
        ("a: !Ref x", json!({"a": {"Ref": "x"}})),
        ("a: !GetAtt x", json!({"a": {"Fn::GetAtt": "x"}})),
        (
            "[! no, !!str no, 'no', no]",
            json!(["no", "no", "no", false]),
        ),
    ] {
        let meant = Value::from(value);
        assert_eq!(parse(text).unwrap().value, meant, "{text}");
    }
}

#[test]
fn a_block_scalar_at_the_end_has_the_line_break_that_it_is_written_with() {
    for (text, value) in [
        ("a: |\n  x", "x"),
        ("a: |\n  x\n", "x\n"),
        ("a: |+\n  x", "x"),
        ("a: |+\n  x\n\n", "x\n\n"),
        ("a: |+\n  x\n\n  ", "x\n\n"),
        ("a: |\n  x\n ", "x\n"),
        ("a: |\n  x\n  ", "x\n"),
        ("a: |\n  x\n    ", "x\n  "),
        ("a: >\n  x\n  y", "x y"),
        ("a: >\n  x # y\n  ", "x # y\n"),
        ("a: |\n  x\n# c", "x\n"),
        ("a: |-\n  x", "x"),
        ("a: |\n  x\r", "x\n"),
        ("a: |", ""),
        ("a: !!str |\n  é", "é"),
    ] {
        let meant = Value::from(json!({ "a": value }));
        assert_eq!(parse(text).unwrap().value, meant, "{text}");
    }
}

#[test]
fn a_statement_is_laid_out_like_its_siblings() {
    let statement = json!({
        "Sid": "Enable CloudTrail Encrypt Permissions",
        "Effect": "Allow",
        "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": { "StringLike": { "kms:EncryptionContext:aws:cloudtrail:arn": ["arn:aws:cloudtrail:*:2:trail/*"] } },
    });
    let add = json!([{ "op": "add", "path": "/Statement/-", "value": statement }]);
    for (before, after) in [
        (
            "Statement:\n  # root\n  - Sid: Root\n    Effect: Allow\n    Principal:\n      AWS: \"arn:aws:iam::1:root\"\n    Action: \"kms:*\"\n    Resource: \"*\"\n# end\n",
            "Statement:\n  # root\n  - Sid: Root\n    Effect: Allow\n    Principal:\n      AWS: \"arn:aws:iam::1:root\"\n    Action: \"kms:*\"\n    Resource: \"*\"\n  - Sid: Enable CloudTrail Encrypt Permissions\n    Effect: Allow\n    Principal:\n      Service: \"cloudtrail.amazonaws.com\"\n    Action: \"kms:GenerateDataKey*\"\n    Resource: \"*\"\n    Condition:\n      StringLike:\n        kms:EncryptionContext:aws:cloudtrail:arn:\n          - \"arn:aws:cloudtrail:*:2:trail/*\"\n# end\n",
        ),
        (
            "Statement:\n- Effect: 'Allow'\n  Principal: {AWS: 'x'}\n  Action:\n  - 'kms:*'\n  Resource: '*'\n",
            "Statement:\n- Effect: 'Allow'\n  Principal: {AWS: 'x'}\n  Action:\n  - 'kms:*'\n  Resource: '*'\n- Sid: 'Enable CloudTrail Encrypt Permissions'\n  Effect: 'Allow'\n  Principal: {Service: 'cloudtrail.amazonaws.com'}\n  Action: 'kms:GenerateDataKey*'\n  Resource: '*'\n  Condition: {StringLike: {kms:EncryptionContext:aws:cloudtrail:arn: ['arn:aws:cloudtrail:*:2:trail/*']}}\n",
        ),
        (
            "Statement: [{\"Effect\": \"Allow\"}]\n",
            "Statement: [{\"Effect\": \"Allow\"}, {\"Sid\": \"Enable CloudTrail Encrypt Permissions\", \"Effect\": \"Allow\", \"Principal\": {\"Service\": \"cloudtrail.amazonaws.com\"}, \"Action\": \"kms:GenerateDataKey*\", \"Resource\": \"*\", \"Condition\": {\"StringLike\": {\"kms:EncryptionContext:aws:cloudtrail:arn\": [\"arn:aws:cloudtrail:*:2:trail/*\"]}}}]\n",
        ),
    ] {
        assert_eq!(edit(before, add.clone()), after);
    }
}

#[test]
fn a_member_is_added() {
    let add = json!([{ "op": "add", "path": "/Statement/0/Condition", "value": { "StringLike": { "k": ["v"] } } }]);
    let before = "Statement:\n    - Sid: x   # é\n      Action:\n          - y  # z\nb: 1\n";
    assert_eq!(
        edit(before, add),
        "Statement:\n    - Sid: x   # é\n      Action:\n          - y  # z\n      Condition:\n          StringLike:\n              k:\n                  - v\nb: 1\n"
    );
    let add = json!([{ "op": "add", "path": "/c/d", "value": "e" }]);
    assert_eq!(edit("c: {x: y}\n", add.clone()), "c: {x: y, d: e}\n");
    assert_eq!(
        edit("c: {}\nb:\n  d: e\n", add.clone()),
        "c:\n  d: e\nb:\n  d: e\n"
    );
    assert_eq!(
        edit("c:\n  x:\nb: 1\n", add.clone()),
        "c:\n  x:\n  d: e\nb: 1\n"
    );
    let add = json!([{ "op": "add", "path": "/c", "value": { "d": "e" } }]);
    assert_eq!(edit("a:\n- x\n", add), "a:\n- x\nc:\n  d: e\n");
    let add = json!([{ "op": "add", "path": "/c", "value": { "d": [], "e": {} } }]);
    assert_eq!(
        edit("a:\n  b: 1\n", add),
        "a:\n  b: 1\nc:\n  d: []\n  e: {}\n"
    );
    let add = json!([{ "op": "add", "path": "/a/-", "value": { "b": "d" } }]);
    assert_eq!(edit("a:\n-\n {b: c}\n", add), "a:\n-\n {b: c}\n- {b: d}\n");
    let add = json!([{ "op": "add", "path": "/a/-", "value": ["p", "q"] }]);
    assert_eq!(edit("a:\n- - x\n", add), "a:\n- - x\n- - p\n  - q\n");
    let add = json!([{ "op": "add", "path": "/c", "value": ["p", "q"] }]);
    for (before, member) in [
        ("a: [\n    p,\n    q]\n", "c: [\n    p,\n    q\n]\n"),
        ("a: [\n    p,\n    q\n  ]\n", "c: [\n    p,\n    q\n  ]\n"),
    ] {
        assert_eq!(edit(before, add.clone()), format!("{before}{member}"));
    }
}

#[test]
fn every_span_is_its_node_s() {
    let text = "a: &x !Sub \"é${B}\"  # c\nb:\n  - &y [1 , 'it''s' ]\n  - *y\n  - >-  # f\n    x\n\n    y\nc: {d: e , f: g}\n";
    let document = parse(text).unwrap();
    for (path, raw) in [
        ("/a", "&x !Sub \"é${B}\""),
        ("/a/Fn::Sub", "\"é${B}\""),
        (
            "/b",
            "- &y [1 , 'it''s' ]\n  - *y\n  - >-  # f\n    x\n\n    y",
        ),
        ("/b/0", "&y [1 , 'it''s' ]"),
        ("/b/0/1", "'it''s'"),
        ("/b/1", "*y"),
        ("/b/2", ">-  # f\n    x\n\n    y"),
        ("/c", "{d: e , f: g}"),
        ("/c/d", "e"),
    ] {
        let pointer = Pointer::parse(path).unwrap();
        let node = document.tree.nearest(pointer);
        assert_eq!(&text[node.span.clone()], raw, "{path}");
    }
    assert_eq!(document.shared.len(), 1);
}

#[test]
fn what_stands_in_brackets_ends_behind_its_bracket() {
    for raw in [
        "{d: e}",
        "{d: e,}",
        "{d: e , }",
        "{ d: e,\n  # c\n\n  }",
        "{}",
        "{d,}",
        "{d: ,}",
        "{d:}",
        "{? d : e ,}",
        "{? d ,}",
        "{? }",
        "{\"d\":e,}",
        "{: e }",
        "[d,]",
        "[d , # c\n ]",
        "[d: e,]",
        "[{d: e,},]",
        "[[d,],]",
    ] {
        let text = format!("a: {raw}  # c\nb: c\n");
        let document = parse(&text).unwrap();
        let node = document.tree.child("a").unwrap();
        assert_eq!(&text[node.span.clone()], raw);
    }
}

#[test]
fn what_is_no_single_document_is_refused() {
    for text in [
        "",
        "a: b\n---\nc: d\n",
        "a: *b\n",
        "a: &a [*a]\n",
        "[x]: y\n",
        "a:\n\t- b\n",
    ] {
        assert!(parse(text).is_err(), "{text:?}");
    }
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert!(parse(&nested(127)).is_ok());
    assert!(parse(&nested(128)).is_err());
    // Aliases nest deeper than the text.
    let chain = |depth| {
        (1..depth).fold("- &a0 [x]\n".to_owned(), |text, n| {
            text + &format!("- &a{n} [*a{}]\n", n - 1)
        })
    };
    assert!(parse(&chain(60)).is_ok());
    assert!(parse(&chain(70)).is_err());
    let bomb: String = (1..40).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
        text + &format!("a{n}: &a{n} [*a{m}, *a{m}]\n", m = n - 1)
    });
    assert!(parse(&bomb).is_err());
}

#[test]
fn a_bracket_in_its_keys_column_is_read_and_one_in_a_block_stays_text() {
    let text = "a:\n  - \"b\": [\n      x  # ours\n    ]\n    c: |\n      [  # not a comment\n      ]\n    d: 1\n";
    let value = parse(text).unwrap().value;
    assert_eq!(
        value,
        json!({ "a": [{ "b": ["x"], "c": "[  # not a comment\n]\n", "d": "1" }] })
    );
}

/// Each set of items goes, and items come or not: at once, and one after the
/// other, the text read again each time.
#[test]
fn many_items_go_as_one_after_the_other() {
    for text in [
        "a:\n  - w\n  - x\n  - y\n  - z\n",
        "a:\n- w # one\n\n# about x\n- x # two\n\n- y\nb: 1\n",
        "a:\r\n    - 'w'\r\n\r\n    - 'x'\r\n\r\n    - 'y'",
        "a:\n  - w\n\n  - x\n  # about y\n  - y\n\n\nb: 1\n",
        "a:\n- |\n  w\n- |+\n  x\n\n- >-\n  y\n\n- |\n  z\nb: 1\n",
        "a:\n  - |+\n    w\n\n  - |\n    x\n  - y\n",
        "a:\n  -\n    w\n  -\n    x\n  - y\n",
        "- - w\n  - x\n  - y\n- z\n",
        "a: [w, x, y]\nb: 1\n",
        "a: [ w , x,y ,]\n",
        "a: [\n  w,\n  x, # two\n  y # three\n]\n",
        "a: [\n  w,\n  # about x\n  x,\n\n  y,\n]\nb: 1\n",
        "a: [ w\n   , x\n   , y ]\n",
        "a: [ w,\n     x, y,\n     z ]\n",
        "{\"a\": [\n  \"w\", \"x\",\n  \"y\"\n]}\n",
    ] {
        let list = if text.starts_with('-') { "/0" } else { "/a" };
        let list = || PointerBuf::parse(list).unwrap();
        let value = parse(text).unwrap().value;
        let items = value.pointer(list().as_str()).unwrap();
        let count = items.as_array().unwrap().len();
        for (set, add) in (0..1_usize << count).flat_map(|set| [0, 1, 2].map(|add| (set, add))) {
            // What is left empty is refused before.
            if add == 0 && set + 1 == 1 << count {
                continue;
            }
            let new: Vec<_> = (0..add).map(|own| json!(format!("new{own}"))).collect();
            let indices: Vec<usize> = (0..count).filter(|own| set & (1 << own) != 0).collect();
            let append = Operation::append(list(), new);
            let remove = |own: &usize| Operation::take_out(list(), vec![*own]);
            let steps = [append].into_iter().chain(indices.iter().rev().map(remove));
            let apart = steps.clone().fold(text.to_owned(), |text, step| {
                edited(&text, &[step].into_iter().collect())
            });
            assert_eq!(
                edited(text, &steps.collect()),
                apart,
                "{text}{indices:?} {add}"
            );
        }
    }
}

/// A single value goes where others come.
#[test]
fn a_value_gives_way_to_others() {
    for (text, after) in [
        ("a: w # one\nb: 1\n", "a:\n  - x\n  - u\nb: 1\n"),
        ("a: 'w'\nb:\n- 'z'\n", "a:\n- 'x'\n- 'u'\nb:\n- 'z'\n"),
        ("a: w\nb: [z]\n", "a: [x, u]\nb: [z]\n"),
        ("a:\n  >-\n  w\nb: 1\n", "a:\n- x\n- u\nb: 1\n"),
        ("{a: w, b: z}\n", "{a: [x, u], b: z}\n"),
        ("a:\n  w\n", "a:\n- x\n- u\n"),
    ] {
        let list = PointerBuf::parse("/a").unwrap();
        let (remove, add) = (vec![0], vec![json!("x"), json!("u")]);
        let operation = Operation::List { list, remove, add };
        assert_eq!(
            edited(text, &[operation].into_iter().collect()),
            after,
            "{text}"
        );
    }
}

#[test]
fn a_comment_stays_where_an_item_goes() {
    for (before, path, after) in [
        // above the last one in brackets
        (
            "a: [\n  x,\n  # kept\n  y\n]\n",
            "/a/1",
            "a: [\n  x\n  # kept\n]\n",
        ),
        (
            "a: [\r\n  x,  # x, too\r\n  # kept\r\n  y  # own\r\n ]\r\n",
            "/a/1",
            "a: [\r\n  x  # x, too\r\n  # kept\r\n ]\r\n",
        ),
        (
            "a: [\n  x,\n  # kept\n  y,\n]\n",
            "/a/1",
            "a: [\n  x,\n  # kept\n]\n",
        ),
        // behind the one before, and below
        ("a: [ x, # kept\n  y ]\n", "/a/1", "a: [ x # kept\n  ]\n"),
        (
            "a: [ x, # kept\n  y, # own\n  # below\n  ]\n",
            "/a/1",
            "a: [ x, # kept\n  # below\n  ]\n",
        ),
        ("a: [ x,\n  y, z # own\n]\n", "/a/2", "a: [ x,\n  y\n]\n"),
        (
            "a: [ x, # own\n  # kept\n  y ]\n",
            "/a/0",
            "a: [\n  # kept\n  y ]\n",
        ),
        (
            "a: [ x, y, # own\n  # kept\n  z ]\n",
            "/a/1",
            "a: [ x,\n  # kept\n  z ]\n",
        ),
        ("a: [ x, # own\n  y ]\n", "/a/0", "a: [ y ]\n"),
        // commas in front
        (
            "a: [ x # kept\n  , y # own\n  , z # too\n  ]\n",
            "/a/1",
            "a: [ x # kept\n  , z # too\n  ]\n",
        ),
        (
            "a: [ x # kept\n  , y # own\n  ]\n",
            "/a/1",
            "a: [ x # kept\n  ]\n",
        ),
        (
            "a: [ x # kept\n  # too\n  , y # own\n  # and this\n  , z ]\n",
            "/a/1",
            "a: [ x # kept\n  # too\n  # and this\n  , z ]\n",
        ),
        // an object over several lines
        (
            "a: [ {b: c}, # kept\n  {b: c,\n   d: e}, # own\n  # below\n  {b: f} ]\n",
            "/a/1",
            "a: [ {b: c}, # kept\n  # below\n  {b: f} ]\n",
        ),
        // the only one
        (
            "a: [\n  # kept\n  x # own\n]\n",
            "/a/0",
            "a: [\n  # kept\n]\n",
        ),
        // behind a dash
        (
            "a:\n  - x\n  -\n      # kept\n    y # own\n  - z\n",
            "/a/1",
            "a:\n  - x\n  # kept\n  - z\n",
        ),
        (
            "a:\r\n  - # kept\r\n    # too\r\n    x\r\n  - y\r\n",
            "/a/0",
            "a:\r\n  # kept\r\n  # too\r\n  - y\r\n",
        ),
        ("a:\n- x\n- # kept\n  y", "/a/1", "a:\n- x\n# kept"),
        (
            "a:\n  - |\n      x\n  -\n        # kept\n      b: c\n      d: e\nf: g\n",
            "/a/1",
            "a:\n  - |\n      x\n  # kept\nf: g\n",
        ),
    ] {
        assert_eq!(removed(before, path), after, "{before}");
    }
}

#[test]
fn a_comment_stays_behind_what_it_stands_behind_where_an_item_comes() {
    let new = "arn:aws:cloudtrail:*:2:trail/*";
    for (before, after) in [
        (
            "a: [ x, # ours\n   ]\n",
            "a: [ x, # ours\n     NEW,\n   ]\n",
        ),
        ("a: [ x # ours\n   ]\n", "a: [ x, # ours\n     NEW\n   ]\n"),
        (
            "a: [ x, y,\t# ours\r\n   ]\r\n",
            "a: [ x, y,\t# ours\r\n        NEW,\r\n   ]\r\n",
        ),
        ("a: [ x, y ] # both\n", "a: [ x, y, NEW ] # both\n"),
        (
            "a: [ x # one\n   , y # two\n   ]\n",
            "a: [ x # one\n   , y, # two\n     NEW\n   ]\n",
        ),
        // nothing but comments
        (
            "a: [\n  # ours # alone\n]\n",
            "a: [\n  # ours # alone\n  NEW\n]\n",
        ),
        (
            "b: c\r\na: [ # one\r\n    # two\r\n  ] # three\r\n",
            "b: c\r\na: [ # one\r\n    # two\r\n    NEW\r\n  ] # three\r\n",
        ),
        (
            "b:\n  a: [\n  # ours\n   ]\n",
            "b:\n  a: [\n  # ours\n    NEW\n   ]\n",
        ),
        ("a: [ # one\n ]\n", "a: [ # one\n  NEW\n ]\n"),
        ("a: [] # ours\n", "a: # ours\n  - NEW\n"),
        ("a: [] # ours\nb: [c]\n", "a: [NEW] # ours\nb: [c]\n"),
        ("a: # ours\n  []\n", "a: # ours\n  - NEW\n"),
        ("b: [c]\na: # ours\n  []\n", "b: [c]\na: # ours\n  [NEW]\n"),
        ("a:\n  # ours\n  []\n", "a:\n  # ours\n  - NEW\n"),
        ("a: []\n# below\n", "a:\n  - NEW\n# below\n"),
    ] {
        let path = if before.starts_with("b:\n") {
            "/b/a"
        } else {
            "/a"
        };
        let after = after.replace("NEW", new);
        assert_eq!(appended(before, path), after, "{before}");
    }
    for (before, after) in [
        (
            "b: [x]\na: y # ours\n",
            "b: [x]\na:\n  - y # ours\n  - new\n",
        ),
        ("b: [x]\na: y\n", "b: [x]\na: [y, new]\n"),
        (
            "{a: y, # ours\n b: c}\n",
            "{a: [y, # ours\n     new],\n b: c}\n",
        ),
        ("{a: y # ours\n}\n", "{a: [y, # ours\n     new]\n}\n"),
        ("{a: y} # ours\n", "{a: [y, new]} # ours\n"),
    ] {
        assert_eq!(wrapped(before, "/a"), after, "{before}");
    }
}

#[test]
fn a_member_in_brackets_keeps_its_own_brackets() {
    for (before, after) in [
        ("- {a: b}\n", "- {a: b, c: {d: {e: [f]}}}\n"),
        (
            "- { a: b, } # ours\n",
            "- { a: b, c: { d: { e: [f] } }, } # ours\n",
        ),
        (
            "- {a: b, # ours\n  }\n",
            "- {a: b, # ours\n   c: {d: {e: [f]}},\n  }\n",
        ),
        ("- { # none\n  }\n", "- { # none\n  c: {d: {e: [f]}}\n  }\n"),
    ] {
        let edit = edit(
            before,
            json!([{ "op": "add", "path": "/0/c", "value": {"d": {"e": ["f"]}} }]),
        );
        assert_eq!(edit, after, "{before}");
    }
}
