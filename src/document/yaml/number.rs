//! Numbers without quotes that readers of YAML do not agree on.

/// Whether a plain scalar is a number that may come to be written in other
/// digits. YAML 1.1, which `CloudFormation` reads, takes `022222222222` for an
/// octal number, and has hexadecimal ones, floats, base 60 and `_` between
/// digits; `088888888888` is a text, a float or a number without its zero, as
/// the reader will.
///
/// <https://yaml.org/type/int.html>, <https://yaml.org/type/float.html>,
/// <https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/745>,
/// <https://github.com/aws/serverless-application-model/issues/1469>
pub fn is_loose_number(text: &str) -> bool {
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '.')) {
        return false;
    }
    let digits = text.strip_prefix('+').unwrap_or(text).replace('_', "");
    let is_decimal = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if is_decimal(&digits) {
        return digits.len() < text.len() || is_octal(&digits);
    }
    is_of_radix(&digits) || is_whole_float(&digits) || is_sexagesimal(&digits)
}

/// Digits that start with 0.
pub fn is_octal(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_of_radix(text: &str) -> bool {
    let radices = [("0x", 16), ("0o", 8), ("0b", 2)];
    radices.iter().any(|(prefix, radix)| {
        let digits = text.strip_prefix(prefix).unwrap_or_default();
        !digits.is_empty() && digits.chars().all(|c| c.is_digit(*radix))
    })
}

/// A float that is a whole number: another one is no account's ID.
fn is_whole_float(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text.parse().is_ok_and(|number: f64| number.fract() == 0.0)
}

fn is_sexagesimal(text: &str) -> bool {
    let mut parts = text.split(':');
    let is_number = |part: &str| part.parse::<u64>().is_ok();
    let is_digit = |part: &str| part.len() <= 2 && part.parse::<u8>().is_ok_and(|own| own < 60);
    let first = parts.next().is_some_and(is_number);
    let mut parts = parts.peekable();
    first && parts.peek().is_some() && parts.all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::is_loose_number;

    #[test]
    fn what_is_another_number_to_others() {
        for text in [
            "022222222222",
            "088888888888",
            "2.22222222222e11",
            "222222222222.0",
            "22222222222.2e1",
            ".222222222222e12",
            "1_1_1111111111",
            "+222222222222",
            "0x19DE7B8E3C7",
            "0b1010",
            "0o17",
            "61728395061:51",
        ] {
            assert!(is_loose_number(text), "{text}");
        }
        for text in [
            "",
            "0",
            "222222222222",
            "-5",
            "1.5",
            "2012-10-17",
            "arn:aws:cloudtrail:*:1:trail/*",
            "0x",
            "0xyz",
            "1234e5678",
            "12:99",
            "12:",
            "+",
            "_",
            "..",
            "1.2.3",
            "inf",
        ] {
            assert!(!is_loose_number(text), "{text}");
        }
    }
}
