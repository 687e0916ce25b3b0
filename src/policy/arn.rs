//! ARNs, `arn:partition:service:region:account:resource`, and patterns of them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

/// The fields of a text that is read as an ARN, whatever they hold; nothing for
/// those that it ends before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'t> {
    text: &'t str,
    /// `arn`, or a pattern of it.
    pub scheme: &'t str,
    pub partition: Option<&'t str>,
    pub service: Option<&'t str>,
    pub region: Option<&'t str>,
    pub account: Option<&'t str>,
    /// The resource, which alone may hold colons.
    pub resource: Option<&'t str>,
}

impl<'t> Arn<'t> {
    /// The fields between a text's colons.
    pub fn of(text: &'t str) -> Self {
        let mut fields = text.splitn(6, ':');
        Self {
            text,
            scheme: fields.next().unwrap_or_default(),
            partition: fields.next(),
            service: fields.next(),
            region: fields.next(),
            account: fields.next(),
            resource: fields.next(),
        }
    }

    /// What stands before the resource, with the colon, and the resource; for
    /// an ARN that has all its fields.
    pub fn halves(self) -> Option<(&'t str, &'t str)> {
        Some(self.text.split_at(self.text.len() - self.resource?.len()))
    }

    /// What stands before and after the account, with the colons, in an ARN
    /// that has all its fields.
    pub fn around_account(self) -> Option<(&'t str, &'t str)> {
        let after = self.text.len() - self.resource?.len() - 1;
        let before = after - self.account?.len();
        Some((&self.text[..before], &self.text[after..]))
    }

    /// Whether it is one of `CloudTrail`'s, with all its fields.
    pub fn is_cloudtrail(self) -> bool {
        self.scheme == "arn" && self.service == Some("cloudtrail") && self.resource.is_some()
    }
}

/// The account field of a value, if it is a `CloudTrail` ARN.
pub fn trail_account(value: &str) -> Option<&str> {
    let arn = Arn::of(value);
    arn.account.filter(|_| arn.is_cloudtrail())
}

/// Whether a value is the ARN of a trail, or a pattern of one.
pub fn is_trail(value: &str) -> bool {
    let arn = Arn::of(value);
    let resource = arn.resource.unwrap_or_default();
    arn.is_cloudtrail() && resource.starts_with("trail/")
}

/// Whether a value is the ARN of an event data store, which is no trail.
pub fn is_event_data_store(value: &str) -> bool {
    value.contains(":eventdatastore/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_what_stands_between_colons() {
        let text = "arn:aws:cloudtrail:*:222222222222:trail/a:b";
        let arn = Arn::of(text);
        assert_eq!(arn.scheme, "arn");
        assert_eq!(arn.partition, Some("aws"));
        assert_eq!(arn.service, Some("cloudtrail"));
        assert_eq!(arn.region, Some("*"));
        assert_eq!(arn.account, Some("222222222222"));
        assert_eq!(arn.resource, Some("trail/a:b"));
        let halves = ("arn:aws:cloudtrail:*:222222222222:", "trail/a:b");
        assert_eq!(arn.halves(), Some(halves));
        let around = ("arn:aws:cloudtrail:*:", ":trail/a:b");
        assert_eq!(arn.around_account(), Some(around));
        assert_eq!(trail_account(text), Some("222222222222"));
        assert_eq!(Arn::of("::::é:").around_account(), Some(("::::", ":")));
    }

    #[test]
    fn a_text_that_ends_early_has_the_fields_before() {
        assert_eq!(Arn::of("").scheme, "");
        assert_eq!(Arn::of("arn").partition, None);
        assert_eq!(Arn::of("a:b:c:d").account, None);
        let arn = Arn::of("arn:b:cloudtrail:d:");
        assert_eq!((arn.account, arn.resource), (Some(""), None));
        assert_eq!((arn.halves(), arn.around_account()), (None, None));
        assert!(!arn.is_cloudtrail());
        for other in ["*:b:cloudtrail:d::", "arn:b:sns:d::"] {
            assert_eq!(trail_account(other), None);
        }
    }

    #[test]
    fn a_trail_is_one_by_its_resource() {
        assert!(is_trail("arn:aws:cloudtrail:*:222222222222:trail/*"));
        for other in ["channel/x", "eventdatastore/x", "*", ""] {
            let arn = format!("arn:aws:cloudtrail:us-east-1:222222222222:{other}");
            assert!(!is_trail(&arn), "{arn}");
        }
    }
}
