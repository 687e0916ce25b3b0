//! A put that loses nothing: compare, put, read back.

use std::thread::sleep;
use std::time::{Duration, Instant};

use tracing::debug;

use super::api::Api;
use super::error::KmsError;
use crate::policy::{KeyArn, canonical};
use crate::source::commit::{Attempt, Commit};
use crate::source::error::SourceError;

/// Between the first two readings of the new policy: whoever read the key
/// before the put and puts without looking again does so within this time.
const SETTLE: Duration = Duration::from_secs(1);
/// Between readings that still show the old policy, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often a third policy has to show before it counts as somebody's edit.
const STRANGE_READINGS: usize = 3;
/// Between the first two attempts at a put.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// What a reading shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Old,
    New,
    Other,
}

/// What becomes of a policy's text on the way into a key.
pub(super) struct Put<'p> {
    pub api: &'p dyn Api,
    pub key: &'p KeyArn,
    /// How long the change may take to show.
    pub wait: Duration,
    /// The policy that is to be replaced.
    pub old: &'p str,
    /// The policy that comes in its place.
    pub new: &'p str,
}

impl Put<'_> {
    /// Compares, calls `before_put`, puts, and reads back.
    pub fn commit(
        &self,
        before_put: impl FnOnce() -> Result<(), SourceError>,
    ) -> Result<Commit, SourceError> {
        if self.read()? != Shown::Old {
            return Ok(Commit::Changed(Attempt::NotCarriedOut));
        }
        before_put()?;
        let mut attempt = Attempt::NotCarriedOut;
        let mut failed = None;
        let mut pause = FIRST_PAUSE;
        // As often as the AWS configuration says. Between two attempts the SDK
        // would not look again, and overwrite whatever came meanwhile.
        for left in (0..self.api.max_attempts().max(1)).rev() {
            let Err(error) = self.api.put_once(self.key, self.new) else {
                attempt = Attempt::CarriedOut;
                failed = None;
                break;
            };
            debug!(key = %self.key, %error, left, "not put");
            if error.is_uncertain() {
                attempt = Attempt::Uncertain;
            }
            let is_last = left == 0 || !error.is_passing();
            failed = Some(error);
            if is_last {
                break;
            }
            sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
            match (self.read(), attempt) {
                (Ok(Shown::Old), _) => {}
                // What shows may be ours.
                (_, Attempt::Uncertain | Attempt::CarriedOut) => break,
                (Ok(Shown::New | Shown::Other), attempt) => return Ok(Commit::Changed(attempt)),
                (Err(error), _) => return Err(error.into()),
            }
        }
        let failed = match failed {
            Some(error) if attempt == Attempt::NotCarriedOut => return Err(error.into()),
            failed => failed,
        };
        let settled = settle(self.wait, SETTLE, || self.read());
        debug!(key = %self.key, ?settled, ?attempt, "read back");
        match (settled, failed) {
            (Ok(Some(Shown::New)), _) => Ok(Commit::Written),
            (Ok(Some(_)), _) => Ok(Commit::Changed(attempt)),
            (_, Some(error)) => Err(SourceError::Unanswered(error)),
            (Ok(None), None) => Err(SourceError::NotShown { wait: self.wait }),
            (Err(error), None) => Err(SourceError::NotReadBack(error)),
        }
    }

    fn read(&self) -> Result<Shown, KmsError> {
        Ok(match self.api.get(self.key)? {
            shown if is_same(&shown, self.new) => Shown::New,
            shown if is_same(&shown, self.old) => Shown::Old,
            _ => Shown::Other,
        })
    }
}

/// Reads until it is clear what became of a put: the new policy, seen twice
/// with a pause between, or another one, seen several times or when the time is
/// up. Nothing if the old one shows then.
///
/// KMS is eventually consistent: a change usually shows within seconds, and
/// may take minutes.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency>
fn settle(
    wait: Duration,
    pause_after_new: Duration,
    mut read: impl FnMut() -> Result<Shown, KmsError>,
) -> Result<Option<Shown>, KmsError> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(100);
    let mut seen_new = false;
    let mut strange = 0;
    loop {
        match read()? {
            Shown::New if seen_new => return Ok(Some(Shown::New)),
            Shown::New => {
                seen_new = true;
                strange = 0;
                sleep(pause_after_new);
                continue;
            }
            // A reading that lags behind.
            Shown::Old if !seen_new => strange = 0,
            // Somebody's edit, also where it is back to the old policy; or,
            // once or twice, a reading that lags behind.
            Shown::Old | Shown::Other => strange += 1,
        }
        if strange == STRANGE_READINGS {
            return Ok(Some(Shown::Other));
        }
        if start.elapsed() + pause > wait {
            return Ok((strange > 0).then_some(Shown::Other));
        }
        sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// KMS gives back another text than it was given.
fn is_same(one: &str, other: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text);
    one == other
        || match (parse(one), parse(other)) {
            (Ok(one), Ok(other)) => canonical(&one.into()) == canonical(&other.into()),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(readings: &[Shown]) -> Option<Shown> {
        let mut readings = readings.iter().copied();
        let last = Shown::Old;
        settle(Duration::from_millis(900), Duration::ZERO, || {
            Ok(readings.next().unwrap_or(last))
        })
        .unwrap()
    }

    #[test]
    fn the_new_policy_has_to_show_twice() {
        use Shown::{New, Old, Other};
        assert_eq!(settled(&[New, New]), Some(New));
        assert_eq!(settled(&[Old, Old, New, New]), Some(New));
        assert_eq!(settled(&[New, Old, New]), Some(New));
        assert_eq!(settled(&[Other, New, New]), Some(New));
        assert_eq!(settled(&[Other, Other, Other]), Some(Other));
        assert_eq!(settled(&[New, Old, Old, Old]), Some(Other));
        assert_eq!(settled(&[Old]), None);
        // The time is up before it shows again.
        assert_eq!(settled(&[Old, Old, Old, Other]), Some(Other));
    }
}
