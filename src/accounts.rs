//! Lists of accounts from elsewhere: a text, or what AWS Organizations says.

use std::collections::HashSet;

use serde_json::Value;

use crate::policy::{AccountId, FieldError};

/// Which accounts of an organization are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Active,
    /// Also those that are closed or about to be.
    All,
}

/// A list of accounts, each once, in the list's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountList {
    pub accounts: Vec<AccountId>,
    /// Those that are in the list too, but not active.
    pub left_out: Vec<AccountId>,
    /// Whether it is the output of `aws organizations list-accounts`, unfiltered.
    pub is_organization: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Lines (counted from 1) that hold no account ID.
    #[error("line {line}: {text:?} is {why}")]
    Line {
        line: usize,
        text: String,
        /// Why it is none.
        why: String,
    },
    /// An entry (counted from 1) of the JSON.
    #[error("account {entry}: {why}")]
    Entry {
        entry: usize,
        /// Why it is none.
        why: String,
    },
    /// Not JSON, or not such JSON.
    #[error("{0}")]
    Json(String),
    /// No account in it.
    #[error("the list holds no account")]
    Empty,
}

/// Reads account IDs separated by white space or commas, with `#` comments; a
/// JSON array of account IDs; or the JSON of `aws organizations list-accounts`.
///
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html>
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(text: &str, which: Which) -> Result<AccountList, Vec<ListError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let list = if text.trim_start().starts_with(['{', '[']) {
        from_json(text, which)?
    } else {
        from_lines(text)?
    };
    if list.accounts.is_empty() {
        return Err(vec![ListError::Empty]);
    }
    Ok(AccountList {
        accounts: unique(list.accounts),
        ..list
    })
}

/// Each account once, in the order of its first mention.
pub fn unique(accounts: Vec<AccountId>) -> Vec<AccountId> {
    let mut seen = HashSet::with_capacity(accounts.len());
    let is_new = |account: &AccountId| seen.insert(account.clone());
    accounts.into_iter().filter(is_new).collect()
}

fn from_lines(text: &str) -> Result<AccountList, Vec<ListError>> {
    let mut list = AccountList::default();
    let mut errors = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let content = line.split('#').next().unwrap_or_default();
        let words = content.split(|c: char| c == ',' || c.is_whitespace());
        let accounts = words
            .filter(|word| !word.is_empty())
            .map(|word| word.parse().map_err(|error| (word, error)));
        match accounts.collect::<Result<Vec<AccountId>, (&str, FieldError)>>() {
            Ok(accounts) => list.accounts.extend(accounts),
            Err((word, error)) => errors.push(ListError::Line {
                line: index + 1,
                text: word.to_owned(),
                why: error.to_string(),
            }),
        }
    }
    if errors.is_empty() {
        Ok(list)
    } else {
        Err(errors)
    }
}

const NUMBERS: &str = "as a number it would lose leading zeros";

fn from_json(text: &str, which: Which) -> Result<AccountList, Vec<ListError>> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let mut message = format!("not JSON: {error}");
        if message.contains("invalid number") {
            message = format!("{message}\n  help: write an account ID in quotes, {NUMBERS}");
        }
        vec![ListError::Json(message)]
    })?;
    let entries = match &value {
        Value::Array(entries) => Some(entries),
        other => other.get("Accounts").and_then(Value::as_array),
    };
    let Some(entries) = entries else {
        let message = "no \"Accounts\": this is not what `aws organizations list-accounts` prints";
        return Err(vec![ListError::Json(message.to_owned())]);
    };
    if value.get("NextToken").is_some_and(|token| !token.is_null()) {
        let message = "a \"NextToken\": this is one page of a longer list; leave out --max-items and --no-paginate";
        return Err(vec![ListError::Json(message.to_owned())]);
    }
    let mut list = AccountList {
        is_organization: value.is_object(),
        ..AccountList::default()
    };
    let mut errors = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let status = ["State", "Status"]
            .iter()
            .find_map(|key| entry.get(key)?.as_str());
        let is_meant = which == Which::All || status.is_none_or(|status| status == "ACTIVE");
        let why = match entry.get("Id").unwrap_or(entry) {
            Value::String(id) => match id.parse::<AccountId>() {
                Ok(account) if is_meant => {
                    list.accounts.push(account);
                    continue;
                }
                Ok(account) => {
                    list.left_out.push(account);
                    continue;
                }
                Err(error) => format!("{id:?} is {error}"),
            },
            Value::Number(number) => {
                format!("{number} is a number: write an account ID in quotes, {NUMBERS}")
            }
            _ => "it is no account ID in quotes, and has no \"Id\"".to_owned(),
        };
        errors.push(ListError::Entry {
            entry: index + 1,
            why,
        });
    }
    if errors.is_empty() {
        Ok(list)
    } else {
        Err(errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<AccountList, Vec<ListError>> {
        super::parse(text, Which::Active)
    }

    #[test]
    fn every_bad_line_is_reported() {
        let errors = parse("# ours\n222222222222 # one\n\nx\n2222-2222-2222\n1234\n").unwrap_err();
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 2);
        assert!(
            lines[0].starts_with("line 4: \"x\" is not an account ID"),
            "{lines:?}"
        );
        assert!(lines[1].starts_with("line 6: \"1234\""), "{lines:?}");
    }

    #[test]
    fn white_space_and_commas_separate_accounts() {
        let list = parse("111111111111\t222222222222, 333333333333 # ours\n,444444444444").unwrap();
        assert_eq!(list.accounts.len(), 4);
        let errors = parse("111111111111 x y\n").unwrap_err();
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn an_array_holds_texts_and_no_numbers() {
        let list = parse(r#"["012345678901", "222222222222"]"#).unwrap();
        assert_eq!((list.accounts.len(), list.is_organization), (2, false));
        for text in [
            "[222222222222]",
            r#"[{"Id": 222222222222}]"#,
            "[012345678901]",
        ] {
            let errors = parse(text).unwrap_err();
            assert!(
                errors[0].to_string().contains("leading zeros"),
                "{errors:?}"
            );
        }
    }

    #[test]
    fn accounts_of_an_organization_that_are_not_active_are_told() {
        let text = r#"{"Accounts": [{"Id": "222222222222", "Status": "ACTIVE"},
                {"Id": "333333333333", "Status": "SUSPENDED"},
                {"Id": "444444444444", "State": "PENDING_CLOSURE", "Status": "ACTIVE"},
                {"Id": "222222222222", "State": "ACTIVE"}]}"#;
        let list = parse(text).unwrap();
        assert_eq!(list.accounts.len(), 1);
        assert_eq!(list.left_out.len(), 2);
        let all = super::parse(text, Which::All).unwrap();
        assert_eq!((all.accounts.len(), all.left_out.len()), (3, 0));
        assert!(parse("{}").is_err());
        let page = r#"{"Accounts": [{"Id": "222222222222"}], "NextToken": "x"}"#;
        assert!(parse(page).unwrap_err()[0].to_string().contains("one page"));
        assert!(parse(&page.replace("\"x\"", "null")).is_ok());
        assert_eq!(parse("# none\n"), Err(vec![ListError::Empty]));
    }
}
