//! How often a text is parsed: once before an edit and once after, and a text
//! inside another once on its own.

use std::cell::Cell;

thread_local! {
    static PARSES: Cell<usize> = const { Cell::new(0) };
}

/// Counts a text that is parsed.
pub fn count() {
    PARSES.set(PARSES.get() + 1);
}

/// Counts a text that JSON may be read of. Another one ends at its first byte.
pub fn count_json(text: &str) {
    if text.trim_start().starts_with(['{', '[', '"']) {
        count();
    }
}

#[allow(clippy::unwrap_used)]
mod tests {
    use super::PARSES;
    use crate::document::{Document, Selection};
    use crate::plan::{Case, Request, add};

    /// How often texts are parsed while an account is added.
    fn parses(name: &str, text: &str) -> usize {
        PARSES.set(0);
        let selection = Selection {
            name: name.to_owned(),
            ..Selection::default()
        };
        let before = Document::open(text.as_bytes(), &selection).unwrap();
        let request = Request {
            accounts: vec!["222222222222".parse().unwrap()],
            ..Request::default()
        };
        let plan = add::plan(&Case::of(before.value()), &request).unwrap();
        assert!(!plan.operations.is_empty());
        assert_eq!(before.obstacle(&plan.operations, name), None);
        let after = before.apply(&plan.operations).unwrap();
        for own in [&before, &after] {
            let _ = (own.remarks(), own.provisos(), own.existence(), own.doubts());
            let _ = own.notes(&plan.operations, name);
        }
        PARSES.get()
    }

    #[test]
    fn a_text_is_parsed_once_before_an_edit_and_once_after() {
        let policy = include_str!("../../testdata/key-policy.json");
        let string = serde_json::Value::from(policy).to_string();
        let envelope = format!("{{\"Policy\": {string}}}");
        let template = |policy: &str| {
            format!(
                "{{\"Resources\": {{\"Key\": {{\"Type\": \"AWS::KMS::Key\", \"Condition\": \"If\", \"Properties\": {{\"KeyPolicy\": {policy}}}}}}}}}"
            )
        };
        let yaml = include_str!("../../testdata/trail-key.yaml");
        let anchored = yaml.replacen("Type: AWS", "Type: &type AWS", 1) + "\nx: *type\n";
        let mapping = include_str!("../../testdata/cases/cfn-mapping-list/before.yaml");
        let two = 2;
        let (inside, twice) = (2, 2);
        for (name, text, count) in [
            ("a.json", policy, two),
            ("a.json", &envelope, two + inside),
            ("a.json", &template(policy), two),
            ("a.json", &template(&string), two + inside),
            (
                "a.json",
                &template(&format!("{{\"Fn::Sub\": {string}}}")),
                two + inside,
            ),
            // What a template's text is, and the JSON that it is filled out to.
            (
                "a.json",
                &policy.replacen("111111111111", "${account}", 1),
                two + inside,
            ),
            ("a.template", policy, two),
            ("a.yaml", yaml, two),
            ("a.yaml", &anchored, two),
            ("a.yaml", mapping, two),
            ("a.yaml", &format!("# in JSON\n{policy}"), two),
            // In braces it is tried as JSON first.
            ("a.yaml", &format!("{policy}# a comment\n"), two * twice),
            ("a.yaml", &format!("Policy: {string}\n"), two + inside),
        ] {
            assert_eq!(parses(name, text), count, "{text}");
        }
    }
}
