//! What the words around a place in a policy's text say of it, where the text
//! is not read as a policy.

use crate::policy::CONTEXT_KEY;
use crate::policy::operator::Operator;

/// What a statement does, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    /// It denies, or an expression says what it does.
    Deny,
    /// It is no effect of a policy's.
    Other,
}

/// What an effect's value says.
pub fn effect(value: &str) -> Effect {
    let plain = value.trim().trim_start_matches(['\\', '"', '\'']);
    let word = plain.get(..5).unwrap_or(plain).to_ascii_lowercase();
    let is_word = plain.starts_with(|c: char| c.is_ascii_alphabetic());
    // Without quotes, HCL has a name there.
    let is_name = is_word && value.trim().starts_with(char::is_alphabetic) && plain.contains('.');
    match word.as_str() {
        "allow" => Effect::Allow,
        _ if word.starts_with("deny") || is_name || plain.starts_with('$') => Effect::Deny,
        _ => Effect::Other,
    }
}

/// The effects in a text, each with its key's place.
fn effects(text: &str) -> impl Iterator<Item = (usize, Effect)> {
    let lower = text.to_ascii_lowercase();
    let places: Vec<usize> = lower.match_indices("effect").map(|(at, _)| at).collect();
    places.into_iter().filter_map(move |at| {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let rest = text[at + "effect".len()..].trim_start_matches(['\\', '"', '\'', ' ', '\t']);
        let value = rest.strip_prefix([':', '='])?;
        Some((at, effect(value)))
    })
}

/// Whether a text has a statement that denies.
pub fn denies(text: &str) -> bool {
    effects(text).any(|(_, effect)| effect == Effect::Deny)
}

/// Whether what stands under a name is what is left out.
pub fn is_negated(name: &str) -> bool {
    let name = name.trim_matches(['"', '\\']);
    let elements = ["notprincipal", "notaction", "notresource"];
    name.starts_with("not_")
        || elements.contains(&name.to_ascii_lowercase().as_str())
        || Operator::parse(name).is_some_and(|operator| operator.negated)
}

/// Whether a name is that of the context that `CloudTrail` encrypts with.
pub fn is_context(name: &str) -> bool {
    let name = name.trim_matches(['"', '\\']);
    name.eq_ignore_ascii_case(CONTEXT_KEY)
}

/// Whether actions as written are those that `CloudTrail` encrypts with.
pub fn is_encrypt(actions: &str) -> bool {
    actions.contains("kms:GenerateDataKey")
}

/// What a place in a text is.
#[derive(Debug, Default)]
pub struct Place {
    /// Whether a value more there lets less through.
    pub is_denying: bool,
    /// Whether it is what the context has to be.
    pub is_context: bool,
    /// What its statement allows.
    pub allows: Option<String>,
}

impl Place {
    /// That of an offset in a text.
    pub fn of(text: &str, at: usize) -> Self {
        let mut place = Self::default();
        let Some(before) = text.get(..at) else {
            return place;
        };
        // From the inside out, up to the first that has an effect.
        let (mut depth, mut from) = (0_usize, None);
        for (start, c) in before.char_indices().rev() {
            match c {
                '}' | ']' => depth += 1,
                '{' | '[' if depth > 0 => depth -= 1,
                '{' | '[' => {
                    let name = name_before(&before[..start]);
                    place.is_denying |= is_negated(name);
                    place.is_context |= is_context(name);
                    if c == '{' && effects(&text[start..end_of(text, start)]).next().is_some() {
                        from = Some(start);
                        break;
                    }
                }
                _ => {}
            }
        }
        let name = name_before(before.trim_end_matches(|c: char| c != ':' && c != '='));
        place.is_denying |= is_negated(name);
        place.is_context |= is_context(name);
        let region = from.map_or(text, |start| &text[start..end_of(text, start)]);
        place.is_denying |= denies(region);
        if effects(region).next().is_some() {
            let words = region.split(['"', '\\', '\'']);
            let actions = words.filter(|word| is_action(word));
            place.allows = Some(actions.take(3).collect::<Vec<_>>().join(", "));
        }
        place
    }
}

fn is_action(word: &str) -> bool {
    let service = word.split_once(':').map(|(service, _)| service);
    word == "*"
        || service.is_some_and(|own| matches!(own, "kms" | "s3" | "sts" | "iam" | "sns" | "sqs"))
}

/// The key before what is assigned.
fn name_before(before: &str) -> &str {
    let before = before.trim_end_matches(['$', ' ', '\t', '\n', '\r', '"', '\\']);
    let Some(before) = before.strip_suffix([':', '=']) else {
        return "";
    };
    let before = before.trim_end_matches(['"', '\\', ' ', '\t']);
    let start = before.rfind(['"', ' ', '{', ',', '\n', '\t']);
    &before[start.map_or(0, |at| at + 1)..]
}

/// Behind the brace that closes the one at a place.
fn end_of(text: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text[start..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return start + at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}
