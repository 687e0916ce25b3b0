//! What is said and set right when a signal ends the run: Ctrl-C, a terminal
//! that is closed, `kill`.

use std::io;
use std::process;
use std::sync::{Mutex, MutexGuard, Once, PoisonError, mpsc};
use std::{fs, thread};

use console::Term;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// What a signal interrupts.
static UNDER_WAY: Mutex<UnderWay> = Mutex::new(UnderWay {
    put: None,
    menu: None,
});

struct UnderWay {
    /// What to say of a put, whose outcome the interruption leaves unknown.
    put: Option<String>,
    /// How the terminal was before a menu, which reads key by key and hides the
    /// cursor.
    menu: Option<Termios>,
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
            let mut signals = SigSet::empty();
            signals.extend([Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM]);
            let _ = signals.thread_block();
        }
    });
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
    let under_way = under_way();
    let terminal = Term::stderr();
    if let Some(before) = &under_way.menu {
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, before);
        let _ = terminal.show_cursor();
    }
    let _ = terminal.write_line("");
    if let Some(words) = &under_way.put {
        let _ = terminal.write_line(words);
    }
    process::exit(128 + signal)
}

/// A put that is under way until it is dropped.
#[derive(Debug)]
pub struct Put(());

/// Lets an interruption say these words of a put.
pub fn put(words: String) -> Put {
    heed();
    under_way().put = Some(words);
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
