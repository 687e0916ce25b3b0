//! A put that loses nothing: compare, put, read back.

use std::thread::sleep;
use std::time::{Duration, Instant};

use tracing::debug;

use super::api::Api;
use super::error::KmsError;
use crate::policy::{KeyArn, canonical};
use crate::source::{Commit, SourceError};

/// Between the first two readings of the new policy: whoever read the key
/// before the put and puts without looking again does so within this time.
const SETTLE: Duration = Duration::from_secs(1);
/// Between readings that still show the old policy, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often a third policy has to show before it counts as somebody's edit.
const STRANGE_READINGS: usize = 3;
/// How long to look whether a put that got no answer was carried out.
const UNANSWERED_WAIT: Duration = Duration::from_secs(10);

/// What a reading shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Old,
    New,
    Other,
}

pub(super) fn commit(
    api: &Api,
    key: &KeyArn,
    wait: Duration,
    old: &[u8],
    new: &[u8],
) -> Result<Commit, SourceError> {
    let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else {
        // Neither is possible: both were read as a document.
        return Ok(Commit::Changed);
    };
    if !is_same(&api.get(key)?, old) {
        return Ok(Commit::Changed);
    }
    let unanswered = match api.put(key, new) {
        Ok(()) => None,
        Err(error) if error.is_uncertain() => Some(error),
        Err(error) => return Err(error.into()),
    };
    let wait = match unanswered {
        Some(_) => wait.min(UNANSWERED_WAIT),
        None => wait,
    };
    let read = || {
        Ok(match api.get(key)? {
            shown if is_same(&shown, new) => Shown::New,
            shown if is_same(&shown, old) => Shown::Old,
            _ => Shown::Other,
        })
    };
    let settled = settle(wait, SETTLE, read);
    debug!(%key, ?settled, "read back");
    match (settled, unanswered) {
        (Ok(Some(Shown::New)), _) => Ok(Commit::Written),
        (Ok(Some(_)), _) => Ok(Commit::Changed),
        (Ok(None), None) => Err(SourceError::NotShown { wait }),
        (Ok(None), Some(error)) => Err(error.into()),
        (Err(error), None) => Err(SourceError::NotReadBack(error)),
        (Err(_), Some(error)) => Err(SourceError::Unanswered(error)),
    }
}

/// Reads until it is clear what became of a put: the new policy, seen twice
/// with a pause between, or another one, seen several times. Nothing if the
/// old one still shows when the time is up.
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
        let shown = read()?;
        match shown {
            Shown::New if seen_new => return Ok(Some(Shown::New)),
            Shown::New => {
                seen_new = true;
                strange = 0;
                sleep(pause_after_new);
                continue;
            }
            // Once the new policy has shown, the old one is somebody's edit
            // too, or a reading that lags behind.
            Shown::Other | Shown::Old if shown == Shown::Other || seen_new => {
                strange += 1;
                if strange == STRANGE_READINGS {
                    return Ok(Some(Shown::Other));
                }
            }
            _ => strange = 0,
        }
        if start.elapsed() + pause > wait {
            return Ok(None);
        }
        sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// KMS gives back another text than it was given.
fn is_same(one: &str, other: &str) -> bool {
    let parse = |text: &str| serde_json::from_str(text).ok();
    one == other
        || match (parse(one), parse(other)) {
            (Some(one), Some(other)) => canonical(&one) == canonical(&other),
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
    }
}
