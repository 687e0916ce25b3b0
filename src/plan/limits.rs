//! What KMS takes: 32,768 bytes, of certain characters.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>

use json_patch::jsonptr::PointerBuf;

use crate::policy::walk::walk;
use crate::policy::{Code, Finding, hole};
use crate::value::{Text, Value};

/// The longest key policy that KMS takes, in bytes.
pub const MAX_BYTES: usize = 32_768;

/// What to do when a policy is full.
pub const CURE: &str = "an organization trail needs one entry, the management account's, however many member accounts it has";

/// What is to be said of the edited policy's size and characters.
pub fn limits(before: &str, after: &str, value: &Value) -> Vec<Finding> {
    let mut findings: Vec<Finding> = size(after, value).into_iter().collect();
    let is_plain = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'\x7f');
    // Many bytes at a time, which a search for the first odd one is not.
    let all_plain = |part: &[u8]| part.iter().fold(true, |all, byte| all & is_plain(byte));
    let outside = |text: &str| {
        if text.as_bytes().chunks(256).all(all_plain) {
            return None;
        }
        text.chars().find(|c| !is_allowed(*c))
    };
    if let Some(character) = outside(after) {
        let mut at = PointerBuf::new();
        walk(value, &PointerBuf::new(), &mut |text, place| {
            if at.is_root() && outside(text).is_some() {
                at = place.clone();
            }
        });
        let message = format!(
            "U+{:04X} is no character that KMS takes in a policy (it takes tab, line feed, carriage return and U+0020 to U+00FF)",
            u32::from(character)
        );
        findings.push(if outside(before).is_some() {
            Finding::warning(Code::Characters, message, at)
        } else {
            Finding::error(Code::Characters, message, at)
        });
    }
    findings
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}') || hole::is_hole(c)
}

/// How long a value is without white space, in bytes.
pub(crate) fn minified(value: &Value) -> usize {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => enclosed(items.len()) + items.iter().map(minified).sum::<usize>(),
        Value::Object(members) => {
            let member = |(key, value): (&Text, &Value)| quoted(key) + ":".len() + minified(value);
            enclosed(members.len()) + members.iter().map(member).sum::<usize>()
        }
        other => other.to_string().len(),
    }
}

/// The brackets around so many items, and the commas between them.
fn enclosed(items: usize) -> usize {
    "[]".len() + items.saturating_sub(1)
}

fn quoted(text: &str) -> usize {
    let is_itself = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    // Many bytes at a time, as most texts have no escapes.
    if text.bytes().fold(true, |all, byte| all & is_itself(byte)) {
        text.len() + "\"\"".len()
    } else {
        serde_json::to_string(text).map_or(0, |quoted| quoted.len())
    }
}

fn size(text: &str, value: &Value) -> Option<Finding> {
    let bytes = text.len();
    if bytes * 100 <= MAX_BYTES * 80 {
        return None;
    }
    let minified = minified(value);
    let at = PointerBuf::new();
    Some(if minified > MAX_BYTES {
        Finding::error(
            Code::TooLarge,
            format!("the policy would have {minified} bytes even without white space, and KMS takes at most {MAX_BYTES}"),
            at,
        )
        .help(CURE)
    } else if bytes > MAX_BYTES {
        Finding::warning(
            Code::TooLargeAsLaidOut,
            format!("the policy has {bytes} bytes and {minified} without white space; KMS takes at most {MAX_BYTES}"),
            at,
        )
        .help("put it without white space: jq -c . FILE")
        .help(CURE)
    } else {
        Finding::note(
            Code::NearlyFull,
            format!(
                "the policy has {bytes} bytes of the {MAX_BYTES} that KMS takes, {minified} without white space; {CURE}"
            ),
            at,
        )
    })
}

#[cfg(test)]
#[allow(clippy::panic)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_is_nearly_full_from_four_fifths_on() {
        let of = |length: usize| size(&" ".repeat(length), &json!({}).into());
        assert_eq!(of(26_214), None);
        assert_eq!(of(26_215).map(|own| own.code), Some(Code::NearlyFull));
        assert_eq!(of(MAX_BYTES).map(|own| own.code), Some(Code::NearlyFull));
        assert_eq!(
            of(MAX_BYTES + 1).map(|own| own.code),
            Some(Code::TooLargeAsLaidOut)
        );
    }

    #[test]
    fn the_first_odd_character_is_told() {
        let value = json!({ "a": ["x", "\u{100}"], "b": "\u{101}" });
        let findings = limits("", &value.to_string(), &value.into());
        let [only] = findings.as_slice() else {
            panic!("{findings:?}")
        };
        assert_eq!(only.at.as_str(), "/a/1");
        assert!(only.message.contains("U+0100"), "{}", only.message);
    }

    #[test]
    fn a_value_is_as_long_as_it_is_written() {
        for value in [
            json!([]),
            json!({}),
            json!([[], {}, "", "a", null, true, 1.5, -2]),
            json!({ "a\n": { "\"": ["\\", "\u{1}", "é", "\u{7f}"] }, "b": [1] }),
        ] {
            let length = value.to_string().len();
            assert_eq!(minified(&value.clone().into()), length, "{value}");
        }
    }
}
