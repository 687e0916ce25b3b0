//! Partitions, and what is wrong with a field of a trail ARN.

use std::fmt;
use std::str::FromStr;

/// A field of a trail ARN that AWS's rules do not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Not 12 digits.
    #[error(
        "not an account ID: an account ID is 12 digits, such as 222222222222 (2222-2222-2222 is taken too)"
    )]
    Account,
    /// Not a name in AWS's list of partitions.
    #[error("not a partition: the partitions are {}", Partition::names().join(", "))]
    Partition,
    /// Neither a Region's name nor a pattern of one.
    #[error(
        "not a Region: a Region looks like eu-west-1, and a pattern of one may hold letters, digits, `-`, `*` and `?`"
    )]
    Region,
    /// Neither a trail's name nor a pattern of one.
    #[error(
        "not a trail name: a trail name has 3 to 128 letters, digits, `.`, `_` or `-`, starts and ends with a letter or digit, and has no two of `.`, `_` and `-` side by side; a pattern of one may also hold `*` and `?`"
    )]
    Trail,
}

/// An AWS partition, by its name in botocore's `partitions.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition(&'static str);

impl Partition {
    /// The partition of a policy that names none.
    pub const AWS: Self = Self("aws");

    /// Each partition's name, with what its Regions' names start with; those
    /// of `aws` start with anything else.
    const ALL: [(&'static str, &'static str); 8] = [
        ("aws", ""),
        ("aws-cn", "cn-"),
        ("aws-us-gov", "us-gov-"),
        ("aws-iso", "us-iso-"),
        ("aws-iso-b", "us-isob-"),
        ("aws-iso-e", "eu-isoe-"),
        ("aws-iso-f", "us-isof-"),
        ("aws-eusc", "eusc-"),
    ];

    /// The name as it stands in an ARN.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// What its Regions' names start with; nothing in particular in `aws`.
    pub(super) fn prefix(self) -> &'static str {
        let own = Self::ALL.iter().find(|(name, _)| *name == self.0);
        own.map_or("", |(_, prefix)| prefix)
    }

    /// The partition that a Region is in, by the Region's name.
    pub fn of_region(region: &str) -> Self {
        Self::ALL
            .iter()
            .find(|(_, prefix)| !prefix.is_empty() && region.starts_with(prefix))
            .map_or(Self::AWS, |(name, _)| Self(name))
    }

    /// The names of all partitions.
    pub fn names() -> [&'static str; 8] {
        Self::ALL.map(|(name, _)| name)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for Partition {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(name, _)| Self(name))
            .ok_or(FieldError::Partition)
    }
}
