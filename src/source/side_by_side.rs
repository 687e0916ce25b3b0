//! Work on many sources at once, told of in their order.

use std::sync::mpsc;
use std::thread;

/// How many live keys are asked about at once.
const KEYS_AT_ONCE: usize = 16;

/// How many files are written at once: the writers wait for the disk, which
/// takes several files to itself in the time that one takes.
const WRITES_AT_ONCE: usize = 16;

/// What the work on some items waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// Nothing but the processor.
    ForCores,
    ForDisk,
    /// KMS, which is not to be asked too much at once.
    ForKms,
}

impl Waits {
    fn threads(self) -> usize {
        match self {
            Self::ForCores => thread::available_parallelism().map_or(1, usize::from),
            Self::ForDisk => WRITES_AT_ONCE,
            Self::ForKms => KEYS_AT_ONCE,
        }
    }

    /// How many outcomes a thread may be ahead of the one that is handed on. Of
    /// what is written, a run that is stopped has told of all but these.
    fn ahead(self) -> usize {
        match self {
            Self::ForDisk => 1,
            Self::ForCores | Self::ForKms => 1024,
        }
    }
}

/// Does something with each item, side by side; what comes of it is handed on
/// in the items' order, as soon as that of all before is.
pub fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    waits: Waits,
    f: impl Fn(&T) -> R + Sync,
    mut then: impl FnMut(R),
) {
    // For one item threads are not worth it.
    if items.len() < 2 {
        return items.iter().map(f).for_each(then);
    }
    let threads = waits.threads().min(items.len());
    thread::scope(|scope| {
        // The threads take the items in turn, so their outcomes, taken in turn,
        // are in the items' order.
        let start = |first: usize| {
            let (send, receive) = mpsc::sync_channel(waits.ahead());
            let mut own = items.iter().skip(first).step_by(threads).map(&f);
            // Nobody receives any more if `then` has panicked.
            let work = move || own.try_for_each(|done| send.send(done));
            let started = thread::Builder::new().spawn_scoped(scope, work);
            started.map(|_| receive)
        };
        let lanes: Vec<_> = (0..threads).map(start).collect();
        for (item, lane) in items.iter().zip(lanes.iter().cycle()) {
            let done = lane.as_ref().ok().and_then(|lane| lane.recv().ok());
            // The system gave no thread, or it panicked, which the scope passes on.
            then(done.unwrap_or_else(|| f(item)));
        }
    });
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn outcomes_come_in_order_whichever_is_first() {
        for count in [0_u64, 1, 2, 100] {
            let items: Vec<u64> = (0..count).collect();
            for waits in [Waits::ForCores, Waits::ForDisk, Waits::ForKms] {
                let mut told = Vec::new();
                let work = |item: &u64| {
                    thread::sleep(Duration::from_micros(item * 7 % 5 * 100));
                    *item
                };
                side_by_side(&items, waits, work, |item| told.push(item));
                assert_eq!(told, items);
            }
        }
    }
}
