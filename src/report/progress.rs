//! That something is still under way.

#[cfg(feature = "kms")]
use std::time::Duration;

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

impl Drop for Spinner {
    fn drop(&mut self) {
        #[cfg(feature = "kms")]
        self.bar.finish_and_clear();
    }
}
