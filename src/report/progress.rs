//! That something is still under way.

#[cfg(feature = "kms")]
use std::time::Duration;

use crate::source::Argument;

/// Shown until it is dropped.
#[derive(Debug)]
pub struct Spinner {
    #[cfg(feature = "kms")]
    bar: indicatif::ProgressBar,
}

/// A spinner on standard error, if that is a terminal.
#[must_use]
#[cfg_attr(not(feature = "kms"), allow(unused_variables))]
pub fn spinner(message: &'static str) -> Spinner {
    Spinner {
        #[cfg(feature = "kms")]
        bar: {
            let bar = indicatif::ProgressBar::new_spinner().with_message(message);
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        },
    }
}

/// A spinner while live keys are asked for, if there are any.
#[must_use]
pub fn spinner_for(arguments: &[Argument]) -> Option<Spinner> {
    let is_key = |argument: &Argument| matches!(argument, Argument::Key(_));
    let any = arguments.iter().any(is_key);
    any.then(|| spinner("asking KMS"))
}

impl Drop for Spinner {
    fn drop(&mut self) {
        #[cfg(feature = "kms")]
        self.bar.finish_and_clear();
    }
}
