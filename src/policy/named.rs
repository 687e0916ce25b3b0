//! Which accounts a value of a condition names.

use super::digits::digits;
use super::hole;

/// What the values of a condition are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// The ARN of a trail.
    Arn,
    /// The account's ID.
    Account,
}

/// How a value names accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named<'v> {
    /// None that there can be.
    Nobody,
    /// One, by its digits, and what stands around it, if that has nothing to do
    /// with it.
    One(u64, Option<(&'v str, &'v str)>),
    /// By a pattern for the 12 digits.
    Like {
        /// What stands before it.
        before: &'v str,
        pattern: &'v str,
        /// What stands behind it.
        behind: &'v str,
    },
    /// Any, and all alike.
    Everybody,
    /// Whichever.
    Anybody,
}

/// Tells how the values of a list name accounts.
pub(super) struct Namer<'v> {
    compared: Compared,
    /// What stood around the account before.
    around: Option<(&'v str, &'v str)>,
}

impl<'v> Namer<'v> {
    pub(super) fn new(compared: Compared) -> Self {
        Self {
            compared,
            around: None,
        }
    }

    /// How a value names accounts. Those of a list mostly differ in the account
    /// alone.
    pub(super) fn named(&mut self, value: &'v str) -> Named<'v> {
        let like_before = self.around.and_then(|around| {
            let (before, behind) = around;
            let id = value.strip_prefix(before)?.strip_suffix(behind)?;
            Some(Named::One(digits(id)?, Some(around)))
        });
        like_before.unwrap_or_else(|| {
            let named = named(value, self.compared);
            if let Named::One(_, Some(around)) = named {
                self.around = Some(around);
            }
            named
        })
    }
}

fn named(value: &str, compared: Compared) -> Named<'_> {
    let Shape {
        colons,
        count,
        is_open,
    } = Shape::of(value);
    if compared == Compared::Account {
        return match digits(value) {
            _ if is_open => Named::Anybody,
            Some(id) => Named::One(id, Some(("", ""))),
            None => like("", value, ""),
        };
    }
    // Not more and not fewer, or the split is not that of the ARN.
    let has_six = count == colons.len();
    let (field, around) = if has_six {
        let [.., start, end] = colons;
        (&value[start + 1..end], (&value[..=start], &value[end..]))
    } else {
        ("", ("", ""))
    };
    let own = digits(field);
    let mut ids = value.split(':').skip(1).filter_map(digits);
    let (id, other) = if has_six && own.is_some() && !has_other_id(value, &colons) {
        (own, None)
    } else {
        (ids.next(), ids.next())
    };
    match (id, other) {
        // `trails::is_of_other_account` is of the same opinion.
        (Some(one), Some(other)) if one != other => Named::Nobody,
        (Some(id), None) if own == Some(id) && !is_open => Named::One(id, Some(around)),
        (Some(id), _) => Named::One(id, None),
        (None, _) if is_open => Named::Anybody,
        (None, _) if has_six => like(around.0, field, around.1),
        (None, _) if value.bytes().any(|byte| byte.is_ascii_digit()) => Named::Anybody,
        (None, _) => Named::Everybody,
    }
}

/// What one pass over a value tells of it; there may be a hundred thousand.
struct Shape {
    /// The first colons.
    colons: [usize; 5],
    /// How many there are.
    count: usize,
    /// Whether part of it is not known, or a policy variable.
    is_open: bool,
}

impl Shape {
    fn of(value: &str) -> Self {
        let mut shape = Self {
            colons: [0; 5],
            count: 0,
            is_open: false,
        };
        let mut is_ascii = true;
        for (at, byte) in value.bytes().enumerate() {
            match byte {
                b':' => {
                    if let Some(colon) = shape.colons.get_mut(shape.count) {
                        *colon = at;
                    }
                    shape.count += 1;
                }
                b'$' => shape.is_open |= value[at + 1..].starts_with('{'),
                0x80.. => is_ascii = false,
                _ => {}
            }
        }
        shape.is_open |= !is_ascii && hole::has_unknown(value);
        shape
    }
}

/// Whether a field of an ARN but the fifth, and the first, is an account's ID.
fn has_other_id(arn: &str, colons: &[usize; 5]) -> bool {
    let [first, second, third, _, last] = *colons;
    [
        &arn[first + 1..second],
        &arn[second + 1..third],
        &arn[third + 1..colons[3]],
        &arn[last + 1..],
    ]
    .into_iter()
    .any(|part| digits(part).is_some())
}

/// A pattern of an account's ID.
fn like<'v>(before: &'v str, pattern: &'v str, behind: &'v str) -> Named<'v> {
    let is_digits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'?');
    if pattern.bytes().all(is_digits) {
        Named::Like {
            before,
            pattern,
            behind,
        }
    } else {
        Named::Nobody
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_named_as_if_it_stood_alone() {
        let values = [
            "arn:aws:cloudtrail:*:111111111111:trail/*",
            "arn:aws:cloudtrail:*:222222222222:trail/*",
            "arn:aws:cloudtrail:*:22222222222?:trail/*",
            "arn:aws:cloudtrail:*:222222222222:trail/main",
            "arn:aws:cloudtrail:*:333333333333:trail/*",
            "arn:aws:cloudtrail:*:*:trail/*",
            "arn:aws:cloudtrail:*:2222222222222:trail/*",
            "arn:aws:cloudtrail:444444444444:222222222222:trail/*",
            "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*",
            "*",
            "arn:aws:cloudtrail:*:222222222222",
            "222222222222",
        ];
        for compared in [Compared::Arn, Compared::Account] {
            for first in values {
                let mut namer = Namer::new(compared);
                namer.named(first);
                for value in values {
                    assert_eq!(namer.named(value), named(value, compared), "{value}");
                }
            }
        }
    }
}
