//! Whom and what a statement is about.

use super::arn;
use super::condition::Condition;
use super::key::{self, KeyArn};
use super::operator::Comparison;
use super::pattern::Matcher;
use super::statement::{Effect, Statement, strings};
use super::truth::Truth;
use super::{CONTEXT_KEY, ENCRYPT_ACTION, SERVICE, SOURCE_ARN, hole};
use crate::value::Value;

impl Statement<'_> {
    /// Whether `CloudTrail`, calling as itself, is a principal of the
    /// statement.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
    pub fn is_for_cloudtrail(&self) -> Truth {
        let is = |name: &str, own: &str| Matcher::literal(name).truth(own);
        let any = |kinds: &Value, kind: &str, own: &[&str]| {
            let each = |name| own.iter().map(move |own| is(name, own));
            let truths: Vec<Truth> = strings(kinds.get(kind)).flat_map(each).collect();
            truths.into_iter().max().unwrap_or(Truth::False)
        };
        let names = |principal: &Value| match principal {
            Value::String(text) => is(text, "*"),
            Value::Object(kinds) => {
                let least = if kinds.keys().any(|kind| hole::has_unknown(kind)) {
                    Truth::Unknown
                } else {
                    Truth::False
                };
                least.max(any(principal, "AWS", &["*"])).max(any(
                    principal,
                    "Service",
                    &[SERVICE, "*"],
                ))
            }
            _ => Truth::False,
        };
        match (self.get("Principal"), self.get("NotPrincipal")) {
            _ if self.is_expression() => Truth::Unknown,
            (Some(principal), _) => names(principal),
            (None, Some(others)) => names(others).opposite(),
            (None, None) => Truth::False,
        }
    }

    /// Whether the statement names `CloudTrail` itself, among its services.
    pub fn names_cloudtrail(&self) -> Truth {
        any(self
            .principals("Service")
            .map(|name| Matcher::literal(name).truth(SERVICE)))
    }

    /// The principals beside `CloudTrail`, by their names.
    pub fn other_principals(&self) -> Vec<&str> {
        match self.get("Principal") {
            Some(Value::Object(kinds)) => {
                let names = kinds.values().flat_map(|names| strings(Some(names)));
                names.filter(|name| *name != SERVICE).collect()
            }
            everybody => strings(everybody).collect(),
        }
    }

    /// Whether the statement is about an action; names match without case.
    pub fn covers_action(&self, action: &str) -> Truth {
        let any = |value| {
            let truths = strings(value).map(|pattern| Matcher::action(pattern).truth(action));
            truths.max().unwrap_or(Truth::False)
        };
        match (self.get("Action"), self.get("NotAction")) {
            _ if self.is_expression() => Truth::Unknown,
            (Some(_), _) => any(self.get("Action")),
            (None, Some(_)) => any(self.get("NotAction")).opposite(),
            (None, None) => Truth::False,
        }
    }

    /// Whether the statement lets, or may let, `CloudTrail` encrypt where its
    /// conditions hold.
    pub fn lets_cloudtrail_encrypt(&self) -> bool {
        self.effect != Effect::Deny && self.concerns(ENCRYPT_ACTION)
    }

    /// Whether the statement allows or denies, or may, that `CloudTrail` calls
    /// an action.
    pub(super) fn concerns(&self, action: &str) -> bool {
        self.is_for_cloudtrail() != Truth::False && self.covers_action(action) != Truth::False
    }

    /// Whether the statement is an encrypt statement, whatever its Sid: it lets
    /// `CloudTrail` encrypt for the trails of a list.
    pub fn is_encrypt_statement(&self) -> Truth {
        let list = any(self.conditions.iter().map(Condition::is_context_list));
        self.lets_service_encrypt().min(list)
    }

    /// Whether `aws:SourceArn` alone says whose trails the statement lets
    /// `CloudTrail` encrypt: it has no list.
    ///
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cross-service-confused-deputy-prevention.html>
    pub fn is_guarded_only(&self) -> Truth {
        let has_list = any(self.conditions.iter().map(Condition::is_context_list));
        let of_trails = self.names_trails();
        self.lets_service_encrypt()
            .min(has_list.opposite())
            .min(of_trails)
    }

    /// Whether the statement lets `CloudTrail`, by its name, encrypt where its
    /// conditions hold.
    pub fn lets_service_encrypt(&self) -> Truth {
        let allows = match self.effect {
            Effect::Allow => Truth::True,
            Effect::Deny => Truth::False,
            Effect::Unknown => Truth::Unknown,
        };
        allows
            .min(self.names_cloudtrail())
            .min(self.covers_action(ENCRYPT_ACTION))
    }

    /// Whether the conditions on `aws:SourceArn` name trails, and no event data
    /// store.
    pub fn names_trails(&self) -> Truth {
        let conditions = self.conditions.iter().filter(|own| own.guards(SOURCE_ARN));
        let mut found = Truth::False;
        for value in conditions.flat_map(|own| &own.values) {
            if arn::is_event_data_store(value) {
                return Truth::False;
            }
            found = found.max(if arn::is_trail(value) {
                Truth::True
            } else if hole::has_unknown(value) {
                Truth::Unknown
            } else {
                Truth::False
            });
        }
        found
    }

    /// Whether the statement is about this key. In a key policy the resource
    /// is `*`; whether an ARN is this key's own, the policy does not say.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html>
    pub fn covers_key(&self) -> Truth {
        let own = self.key.map(KeyArn::to_string);
        let is_key = |arn: &str| {
            let is_any = !arn.is_empty() && arn.bytes().all(|byte| byte == b'*');
            if is_any || own.as_deref() == Some(arn) {
                Truth::True
            } else {
                let may_be = own.as_ref().map_or_else(
                    || key::may_match(arn),
                    |own| Matcher::glob(arn).matches(own),
                );
                Truth::Unknown.min(may_be.into())
            }
        };
        match (self.get("Resource"), self.get("NotResource")) {
            _ if self.is_expression() => Truth::Unknown,
            (Some(_), _) => any(self.resources().map(is_key)),
            (None, Some(others)) => {
                let named = any(strings(Some(others)).map(is_key));
                Truth::Unknown.min(named.opposite())
            }
            (None, None) => Truth::False,
        }
    }

    /// Why it is not, or may not be, about this key.
    pub(super) fn other_resource(&self) -> String {
        let shown: Vec<String> = ["Resource", "NotResource"]
            .iter()
            .flat_map(|element| strings(self.get(element)))
            .map(|arn| format!("{arn:?}"))
            .collect();
        let element = if self.get("Resource").is_none() && self.get("NotResource").is_some() {
            "NotResource"
        } else {
            "Resource"
        };
        match (self.covers_key(), shown.is_empty()) {
            (_, true) => "it has no Resource".to_owned(),
            (Truth::Unknown, _) => format!(
                "cannot tell whether its {element} {} means this key",
                shown.join(", ")
            ),
            _ => format!("its {element} {} does not mean this key", shown.join(", ")),
        }
    }
}

impl Condition<'_> {
    /// Whether the values are those that the statement allows, and no others.
    pub(super) fn allows_only(&self) -> Truth {
        match self.operator {
            Some(operator) => (!operator.negated && operator.comparison != Comparison::Null).into(),
            None => Truth::Unknown,
        }
    }

    /// Whether the values are the trails that the statement lets encrypt.
    fn is_context_list(&self) -> Truth {
        if self.is_on(CONTEXT_KEY) {
            self.allows_only()
        } else {
            Truth::Unknown.min(self.may_be_on(CONTEXT_KEY).into())
        }
    }

    /// Whether the condition keeps out all but its values, under this key.
    pub fn guards(&self, key: &str) -> bool {
        self.is_on(key)
            && self.allows_only() == Truth::True
            && self.operator.is_some_and(|operator| operator.set.is_none())
    }
}

fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.max().unwrap_or(Truth::False)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::Policy;

    #[test]
    fn the_own_arn_of_a_known_key_is_as_good_as_a_star() {
        let arn =
            |id| format!("arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-{id}");
        let (own, other) = (arn("1234567890ab"), arn("000000000000"));
        let key: KeyArn = own.parse().unwrap();
        for (element, resource, of_file, of_key) in [
            ("Resource", "*", Truth::True, Truth::True),
            ("Resource", &own, Truth::Unknown, Truth::True),
            ("Resource", &other, Truth::Unknown, Truth::False),
            ("Resource", "arn:aws:kms:*", Truth::Unknown, Truth::Unknown),
            ("Resource", "arn:aws:s3:::*", Truth::False, Truth::False),
            ("NotResource", &own, Truth::Unknown, Truth::False),
            ("NotResource", &other, Truth::Unknown, Truth::Unknown),
        ] {
            let value = json!({ "Statement": { "Effect": "Allow", "Principal": "*", "Action": "kms:*", element: resource } });
            let value = value.into();
            let policy = Policy::read(&value).unwrap();
            assert_eq!(policy.statements[0].covers_key(), of_file, "{resource}");
            let policy = policy.of_key(&key);
            assert_eq!(policy.statements[0].covers_key(), of_key, "{resource}");
        }
    }
}
