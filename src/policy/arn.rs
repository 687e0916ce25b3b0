//! The fields of an ARN, `arn:partition:service:region:account:resource`,
//! whatever they hold.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

/// The partition, unless the text ends before it.
#[must_use]
pub fn partition(arn: &str) -> Option<&str> {
    field(arn, 1)
}

/// The service, unless the text ends before it.
#[must_use]
pub fn service(arn: &str) -> Option<&str> {
    field(arn, 2)
}

/// The account, unless the text ends before it.
#[must_use]
pub fn account(arn: &str) -> Option<&str> {
    field(arn, 4)
}

/// The account field of a value, if it is a `CloudTrail` ARN.
#[must_use]
pub fn trail_account(value: &str) -> Option<&str> {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "cloudtrail", _, account, _] => Some(account),
        _ => None,
    }
}

/// The field after so many colons. A search for each colon would take longer,
/// as they stand close together.
fn field(arn: &str, number: usize) -> Option<&str> {
    let colon = |byte: u8| byte == b':';
    let mut rest = arn;
    for _ in 0..number {
        rest = &rest[rest.bytes().position(colon)? + 1..];
    }
    Some(&rest[..rest.bytes().position(colon).unwrap_or(rest.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_what_stands_between_colons() {
        let arn = "arn:aws:cloudtrail:*:222222222222:trail/a:b";
        assert_eq!(partition(arn), Some("aws"));
        assert_eq!(service(arn), Some("cloudtrail"));
        assert_eq!(account(arn), Some("222222222222"));
        assert_eq!(account("a:b:c:d:"), Some(""));
        assert_eq!(account("a:b:c:d"), None);
        assert_eq!(account("::::é"), Some("é"));
    }
}
