//! Old policies, kept before a new one is put, and the lock that makes two
//! runs on one machine wait for each other.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_sdk_kms::primitives::{DateTime, DateTimeFormat};
use etcetera::BaseStrategy;

use super::super::SourceError;
use crate::policy::KeyFacts;

/// Where a key's old policies are kept.
#[derive(Debug, Clone)]
pub(super) struct Backups {
    directory: PathBuf,
}

impl Backups {
    /// Below `root`, or below the user's state directory. The keys of a
    /// multi-Region set share their ID, so that each has its Region's folder.
    ///
    /// <https://specifications.freedesktop.org/basedir-spec/latest/>
    pub fn of(root: Option<&Path>, key: &KeyFacts) -> Result<Self, SourceError> {
        let root = match root {
            Some(root) => root.to_owned(),
            None => state_directory()
                .ok_or_else(|| {
                    SourceError::io("find the user's state directory")(ErrorKind::NotFound.into())
                })?
                .join("ctpolicy"),
        };
        let id = key.arn.key_id().unwrap_or(&key.arn.resource);
        let mut directory = root.join(id);
        if id.starts_with("mrk-") {
            directory.push(&key.arn.region);
        }
        Ok(Self { directory })
    }

    /// Waits until no other run holds the key.
    pub fn lock(&self) -> Result<File, SourceError> {
        let path = self.directory.join("lock");
        let lock = || {
            fs::create_dir_all(&self.directory)?;
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)?;
            match file.lock() {
                // A file system without locks: the policy is compared all the same.
                Err(error) if error.kind() == ErrorKind::Unsupported => Ok(file),
                locked => locked.map(|()| file),
            }
        };
        lock().map_err(SourceError::io(format!("lock {}", path.display())))
    }

    /// Keeps a policy's bytes, durably, under the time in UTC.
    pub fn save(&self, bytes: &[u8]) -> Result<PathBuf, SourceError> {
        self.try_save(bytes).map_err(SourceError::io(format!(
            "save the old policy in {} (nothing was put)",
            self.directory.display()
        )))
    }

    fn try_save(&self, bytes: &[u8]) -> io::Result<PathBuf> {
        fs::create_dir_all(&self.directory)?;
        let directory = self.directory.canonicalize()?;
        let mut file = tempfile::Builder::new()
            .prefix(".saving-")
            .tempfile_in(&directory)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        loop {
            let time = DateTime::from(SystemTime::now())
                .fmt(DateTimeFormat::DateTime)
                .map_err(io::Error::other)?;
            // A colon does not go into a file name everywhere.
            let path = directory.join(format!("{}.json", time.replace(':', "")));
            match file.persist_noclobber(&path) {
                Ok(_) => {
                    File::open(&directory)?.sync_all()?;
                    return Ok(path);
                }
                Err(error) if error.error.kind() == ErrorKind::AlreadyExists => file = error.file,
                Err(error) => return Err(error.error),
            }
        }
    }
}

fn state_directory() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.state_dir().unwrap_or_else(|| base.data_dir()))
}
