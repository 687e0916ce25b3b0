//! A lock on a file, by which runs wait for each other.

use std::fs::{File, TryLockError};
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;

use super::error::SourceError;

/// How long nothing is said.
const SILENCE: Duration = Duration::from_secs(1);
/// Between two attempts, at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// How long locks are waited for, all in all.
pub(super) struct Patience<'t> {
    since: Instant,
    wait: Duration,
    tell: Option<&'t mut dyn FnMut()>,
}

impl<'t> Patience<'t> {
    /// `tell` is called once, if it takes more than a second.
    pub fn new(wait: Duration, tell: &'t mut dyn FnMut()) -> Self {
        Self {
            since: Instant::now(),
            wait,
            tell: Some(tell),
        }
    }

    /// Locks the file; false where the file system has no locks.
    ///
    /// # Errors
    /// If somebody else holds the lock for too long.
    pub fn lock(&mut self, file: &File) -> Result<bool, SourceError> {
        let mut pause = Duration::from_millis(1);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(true),
                Err(TryLockError::Error(error)) if has_none(&error) => return Ok(false),
                Err(TryLockError::Error(error)) => return Err(SourceError::io("lock it")(error)),
                Err(TryLockError::WouldBlock) => {}
            }
            let waited = self.since.elapsed();
            if waited >= self.wait {
                return Err(SourceError::Locked { wait: self.wait });
            }
            if waited >= SILENCE
                && let Some(tell) = self.tell.take()
            {
                tell();
            }
            sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// NFS without its lock daemon says that there is no lock left.
fn has_none(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported || error.raw_os_error() == Some(Errno::ENOLCK as i32)
}
