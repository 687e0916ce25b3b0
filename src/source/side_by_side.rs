//! Work on many sources at once, told of in their order.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;

/// How many live keys are asked about at once.
const KEYS_AT_ONCE: usize = 16;

/// How many files are written at once: the writers wait for the disk, which
/// takes several files to itself in the time that one takes.
const WRITES_AT_ONCE: usize = 16;

/// How many items may be ahead of the first whose outcome is not yet handed on:
/// a run that is stopped has told of all but these.
const AHEAD: usize = 32;

/// What the work on some items waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// Nothing but the processor.
    ForCores,
    /// The disk.
    ForDisk,
    /// KMS, which is not to be asked too much at once.
    ForKms,
}

impl Waits {
    fn threads(self, items: usize) -> usize {
        match self {
            // As many as there are cores.
            Self::ForCores => 0,
            Self::ForDisk => WRITES_AT_ONCE.min(items),
            Self::ForKms => KEYS_AT_ONCE.min(items),
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
    let threads = waits.threads(items.len());
    let pool = || rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    // For one item threads are not worth it.
    let Some(Ok(pool)) = (items.len() > 1).then(pool) else {
        return items.iter().map(f).for_each(then);
    };
    let (send, receive) = mpsc::channel();
    pool.in_place_scope(|scope| {
        let f = &f;
        let begin = |at: usize| {
            if let Some(item) = items.get(at) {
                let send = send.clone();
                scope.spawn(move |_| {
                    let done = catch_unwind(AssertUnwindSafe(|| f(item)));
                    // Whoever receives has gone only if another one panicked.
                    let _ = send.send((at, done));
                });
            }
        };
        (0..AHEAD).for_each(begin);
        let mut early = BTreeMap::new();
        for due in 0..items.len() {
            let done = loop {
                if let Some(done) = early.remove(&due) {
                    break done;
                }
                match receive.recv() {
                    Ok((at, done)) => early.insert(at, done),
                    Err(_) => return,
                };
            };
            match done {
                Ok(done) => then(done),
                Err(panic) => resume_unwind(panic),
            }
            begin(due + AHEAD);
        }
    });
}
