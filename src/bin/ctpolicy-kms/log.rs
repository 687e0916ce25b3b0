//! What is done, for whoever looks for a fault.

use std::io::{self, Write};

use ctpolicy::report::{self, escape::one_line};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// Sends the log to standard error, if it is asked for.
pub(super) fn start(verbose: u8) {
    let asked = std::env::var("RUST_LOG").unwrap_or_default();
    let directives = match (asked.as_str(), verbose) {
        ("", 0) => return,
        ("", 1) => "ctpolicy=debug",
        ("", _) => "debug",
        (asked, _) => asked,
    };
    let filter = match EnvFilter::try_new(directives) {
        Ok(filter) => filter,
        Err(error) => {
            let said = format!("RUST_LOG: {}", one_line(&error.to_string()));
            return report::say(&report::error(&said));
        }
    };
    // Below "warn" the AWS client shows credentials and signed requests.
    let without_credentials = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("ctpolicy", LevelFilter::TRACE)
        .with_target("hyper_util::client", LevelFilter::DEBUG);
    let lines = fmt::layer().with_writer(|| Escaped).with_ansi(false);
    // Fails only if it is set already.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(filter).with_filter(without_credentials))
        .try_init();
}

/// Standard error, where each event comes as a line, and nothing raw.
struct Escaped;

impl Write for Escaped {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        report::say(&format!("{}\n", one_line(text.trim_end_matches('\n'))));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
