//! Old policies, kept before a new one is put, and the lock that makes two
//! runs on one machine wait for each other.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use time::OffsetDateTime;

use crate::policy::KeyFacts;
use crate::source::error::SourceError;
use crate::source::lock::Patience;
use crate::source::state;

/// Where a key's old policies are kept.
#[derive(Debug, Clone)]
pub(super) struct Backups {
    directory: PathBuf,
    /// Always in the state directory, wherever the policies are kept.
    lock: Option<PathBuf>,
}

impl Backups {
    /// Below `root`, or below the user's state directory. The keys of a
    /// multi-Region set share their ID, so that each has its Region's folder.
    pub fn of(root: Option<&Path>, key: &KeyFacts) -> Result<Self, SourceError> {
        let id = key.arn.key_id().unwrap_or(&key.arn.resource);
        let mut own = PathBuf::from(id);
        if id.starts_with("mrk-") {
            own.push(&key.arn.region);
        }
        let state = state::directory().map(|state| state.join(&own));
        let directory = match root {
            Some(root) => root.join(&own),
            None => state.clone().ok_or_else(|| {
                SourceError::io("find the user's state directory")(ErrorKind::NotFound.into())
            })?,
        };
        Ok(Self {
            directory,
            lock: state.map(|state| state.join("lock")),
        })
    }

    /// Waits until no other run of this user holds the key, and says so if it
    /// has to. Without a place for the lock there is none: the policy is
    /// compared all the same.
    ///
    /// # Errors
    /// If the other run takes too long.
    pub fn lock(
        &self,
        wait: Duration,
        waiting: &mut dyn FnMut(),
    ) -> Result<Option<File>, SourceError> {
        let Some(file) = self.lock.as_deref().and_then(open) else {
            return Ok(None);
        };
        match Patience::new(wait, waiting).lock(&file) {
            Err(error @ SourceError::Locked { .. }) => Err(error),
            _ => Ok(Some(file)),
        }
    }

    /// Keeps a policy's bytes, durably, under the time in UTC.
    pub fn save(&self, bytes: &[u8]) -> Result<PathBuf, SourceError> {
        self.try_save(bytes).map_err(|error| SourceError::NotSaved {
            directory: self.directory.clone(),
            error,
        })
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
            let path = directory.join(format!("{}.json", time()));
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

fn open(lock: &Path) -> Option<File> {
    fs::create_dir_all(lock.parent()?).ok()?;
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    options.open(lock).ok()
}

/// The time in UTC, so that names are in its order. A colon does not go into a
/// file name everywhere.
fn time() -> String {
    let now = OffsetDateTime::now_utc();
    format!(
        "{}T{:02}{:02}{:02}.{:06}Z",
        now.date(),
        now.hour(),
        now.minute(),
        now.second(),
        now.microsecond()
    )
}
