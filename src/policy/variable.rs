//! Policy variables, `${…}`, in the values of conditions.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use std::borrow::Cow;

use super::condition_key::{SOURCE_ACCOUNT, SOURCE_ARN};
use super::hole;

/// The service principal of `CloudTrail`, in every partition.
pub const SERVICE: &str = "cloudtrail.amazonaws.com";

/// Stand for `${*}` and `${?}`, which are the characters themselves. As holes
/// are, these are characters that no policy can hold.
pub const STAR: char = '\u{fd000}';
pub const QUESTION_MARK: char = '\u{fd001}';
/// Stands for the account of the trail.
pub const ACCOUNT: char = '\u{fd002}';
/// Stands for the ARN of the trail.
pub const ARN: char = '\u{fd003}';
/// Stands for a variable of which the policy does not tell the value, nor
/// whether there is one.
pub const UNKNOWN: char = *hole::TEXT.start();

/// Whether a text has a policy variable.
pub fn has_variable(text: &str) -> bool {
    text.contains("${")
}

/// A text with what is known of its variables in their places.
pub fn fill(text: &str) -> Cow<'_, str> {
    if !has_variable(text) {
        return Cow::Borrowed(text);
    }
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, variable)) = rest.split_once("${") {
        filled.push_str(before);
        // A default value stands in quotation marks, and may hold braces.
        let end = match (variable.find('}'), variable.find('\'')) {
            (Some(end), Some(quote)) if quote < end => {
                variable[quote + 1..].find("'}").map(|at| quote + at + 2)
            }
            (end, _) => end,
        };
        let (name, behind) = end.map_or((variable, ""), |end| {
            (&variable[..end], &variable[end + 1..])
        });
        let name = name.split(',').next().unwrap_or_default().trim_end();
        match name {
            _ if end.is_none() => filled.push(UNKNOWN),
            "*" => filled.push(STAR),
            "?" => filled.push(QUESTION_MARK),
            "$" => filled.push('$'),
            _ if name.eq_ignore_ascii_case(SOURCE_ACCOUNT) => filled.push(ACCOUNT),
            _ if name.eq_ignore_ascii_case(SOURCE_ARN) => filled.push(ARN),
            _ if name.eq_ignore_ascii_case("aws:PrincipalServiceName") => filled.push_str(SERVICE),
            _ => filled.push(UNKNOWN),
        }
        rest = behind;
    }
    filled.push_str(rest);
    Cow::Owned(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_variable_stands_in_its_place() {
        for (text, filled) in [
            ("a", "a"),
            ("${*}${?}${$}", "\u{fd000}\u{fd001}$"),
            ("a${aws:SourceAccount}b", "a\u{fd002}b"),
            ("${AWS:sourcearn}", "\u{fd003}"),
            ("${aws:SourceAccount, 'x}'}y", "\u{fd002}y"),
            ("${aws:PrincipalTag/x, '}:'}y", "\u{f0000}y"),
            ("a${aws:username}${x}", "a\u{f0000}\u{f0000}"),
            ("a${", "a\u{f0000}"),
            ("a${aws:SourceArn", "a\u{f0000}"),
            ("a${x, 'y}", "a\u{f0000}"),
            ("${aws:PrincipalServiceName}", SERVICE),
        ] {
            assert_eq!(fill(text), filled, "{text}");
        }
    }
}
