//! What is said and set right when a signal ends the run: Ctrl-C, a terminal
//! that is closed, `kill`.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError, mpsc};
use std::time::Duration;
use std::{fs, io, process, thread};

use console::Term;
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// What a signal interrupts.
static UNDER_WAY: Mutex<UnderWay> = Mutex::new(UnderWay {
    put: None,
    menu: None,
    to_write: VecDeque::new(),
    untold: Vec::new(),
    written: 0,
    replacing: 0,
    is_ended: false,
});

/// A file was replaced.
static REPLACED: Condvar = Condvar::new();

/// How long a file that is being replaced may hold up the end.
const REPLACING: Duration = Duration::from_secs(2);

struct UnderWay {
    /// What to say of a put, whose outcome the interruption leaves unknown.
    put: Option<String>,
    /// How the terminal was before a menu, which reads key by key and hides the
    /// cursor.
    menu: Option<Termios>,
    /// The policies that are to be written, by their names.
    to_write: VecDeque<String>,
    /// Those that are written, and of which nothing was said yet.
    untold: Vec<String>,
    /// How many are written.
    written: usize,
    /// How many files are being replaced.
    replacing: usize,
    is_ended: bool,
}

fn under_way() -> MutexGuard<'static, UnderWay> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Heeds the signals from now on.
pub fn heed() {
    static HEEDED: Once = Once::new();
    HEEDED.call_once(|| {
        let (ready, begun) = mpsc::channel::<()>();
        let wait = move || {
            let signals = [SIGHUP, SIGINT, SIGTERM];
            // As nohup has it.
            let heeded = signals.into_iter().filter(|signal| !is_ignored(*signal));
            let Ok(mut signals) = Signals::new(heeded) else {
                return;
            };
            let _ = ready.send(());
            if let Some(signal) = signals.forever().next() {
                end(signal);
            }
        };
        // Without a thread for it a signal ends the run as it ends any.
        let _ = thread::Builder::new().spawn(wait);
        if begun.recv().is_ok() {
            // No other thread: a menu takes a call that is cut short for Ctrl-C.
            let _ = signals().thread_block();
        }
    });
}

fn signals() -> SigSet {
    [Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM]
        .into_iter()
        .collect()
}

/// Whether a signal was ignored when the process was started.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut masks = status
        .lines()
        .filter_map(|line| line.strip_prefix("SigIgn:"));
    let mask = masks
        .next()
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Ends the run as Ctrl-C does, which a menu reads as a key.
pub fn ctrl_c() -> ! {
    end(SIGINT)
}

fn end(signal: i32) -> ! {
    let mut under_way = under_way();
    under_way.is_ended = true;
    // Each of them is written as a whole, with no temporary file left behind.
    let (under_way, _) = REPLACED
        .wait_timeout_while(under_way, REPLACING, |under_way| under_way.replacing > 0)
        .unwrap_or_else(PoisonError::into_inner);
    let terminal = Term::stderr();
    if let Some(before) = &under_way.menu {
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, before);
        let _ = terminal.show_cursor();
    }
    let _ = terminal.write_line("");
    if let Some(words) = &under_way.put {
        let _ = terminal.write_line(words);
    }
    for name in &under_way.untold {
        let _ = terminal.write_line(&format!("{name}: written"));
    }
    for name in &under_way.to_write {
        let _ = terminal.write_line(&format!("{name}: not written"));
    }
    let (written, left) = (under_way.written, under_way.to_write.len());
    if written + left > 1 {
        let count = format!("interrupted: {written} written, {left} not written");
        let _ = terminal.write_line(&count);
    }
    process::exit(128 + signal)
}

/// Lets an interruption say what became of these policies.
pub fn expect(names: impl IntoIterator<Item = String>) {
    under_way().to_write.extend(names);
}

/// What became of a policy was said.
pub fn told(name: &str) {
    let mut under_way = under_way();
    under_way.leave(name);
    under_way.untold.retain(|own| own != name);
}

/// A policy is written, which is not said yet.
pub fn written(name: &str) {
    let mut under_way = under_way();
    under_way.leave(name);
    under_way.untold.push(name.to_owned());
    under_way.written += 1;
}

impl UnderWay {
    fn leave(&mut self, name: &str) {
        let mut left = self.to_write.iter();
        if let Some(index) = left.position(|own| own == name) {
            self.to_write.remove(index);
        }
    }
}

/// A file that is being replaced until this is dropped; the signals that the
/// thread took before.
#[derive(Debug)]
pub struct Replacing(Option<SigSet>);

/// Lets an interruption wait until a file is replaced, also where no signals
/// are heeded.
pub fn replacing() -> Replacing {
    let before = signals().thread_swap_mask(SigmaskHow::SIG_BLOCK).ok();
    let under_way = under_way();
    let mut under_way = REPLACED
        .wait_while(under_way, |under_way| under_way.is_ended)
        .unwrap_or_else(PoisonError::into_inner);
    under_way.replacing += 1;
    Replacing(before)
}

impl Drop for Replacing {
    fn drop(&mut self) {
        under_way().replacing -= 1;
        REPLACED.notify_all();
        if let Some(before) = self.0 {
            let _ = before.thread_set_mask();
        }
    }
}

/// A put that is under way until it is dropped.
#[derive(Debug)]
pub struct Put(());

/// Lets an interruption say these words of a policy that is put.
pub fn put(name: &str, words: String) -> Put {
    heed();
    let mut under_way = under_way();
    under_way.leave(name);
    under_way.put = Some(words);
    Put(())
}

impl Drop for Put {
    fn drop(&mut self) {
        under_way().put = None;
    }
}

/// A menu that is shown until it is dropped.
#[derive(Debug)]
pub struct Menu(());

/// Lets an interruption set the terminal right.
pub fn menu() -> Menu {
    heed();
    under_way().menu = tcgetattr(io::stdin()).ok();
    Menu(())
}

impl Drop for Menu {
    fn drop(&mut self) {
        under_way().menu = None;
    }
}
