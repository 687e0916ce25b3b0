//! That something is still under way.

use std::time::Duration;

use crate::source::Argument;

/// Shown until it is dropped.
#[derive(Debug)]
pub struct Spinner {
    bar: indicatif::ProgressBar,
}

/// A spinner on standard error, if that is a terminal.
pub fn spinner(message: &'static str) -> Spinner {
    let bar = indicatif::ProgressBar::new_spinner().with_message(message);
    bar.enable_steady_tick(Duration::from_millis(120));
    Spinner { bar }
}

/// A spinner while live keys are asked for, if there are any.
pub fn spinner_for(arguments: &[Argument]) -> Option<Spinner> {
    let is_key = |argument: &Argument| matches!(argument, Argument::Key(_));
    let any = arguments.iter().any(is_key);
    any.then(|| spinner("asking KMS"))
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
