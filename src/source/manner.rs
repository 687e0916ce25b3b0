//! How a source is written.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// How a source is written.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Keep a file's old bytes beside it.
    pub backup: Option<BackupSuffix>,
    /// Overwrite a file itself.
    pub in_place: bool,
    /// How long to wait for somebody else's lock, and until KMS shows a policy.
    pub wait: Duration,
}

/// What is put behind a file's name for the copy of its old bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSuffix(String);

impl BackupSuffix {
    /// Where a file's old bytes go.
    pub fn path(&self, file: &Path) -> PathBuf {
        let mut name = OsString::from(file);
        name.push(&self.0);
        name.into()
    }
}

impl FromStr for BackupSuffix {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.contains('/') {
            Err("a suffix is put behind the file's name: it is not empty and holds no `/`")
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}
