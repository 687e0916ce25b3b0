//! What is done, for whoever looks for a fault.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// Sends the log to standard error, if it is asked for.
pub(super) fn start(verbose: u8) {
    let asked = match verbose {
        0 => None,
        1 => Some("ctpolicy=debug"),
        _ => Some("debug"),
    };
    let filter = match EnvFilter::try_from_default_env() {
        Ok(filter) => filter,
        Err(_) => match asked {
            Some(directives) => EnvFilter::new(directives),
            None => return,
        },
    };
    // Below "info" the AWS client shows credentials and signed requests.
    let without_credentials = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("ctpolicy", LevelFilter::TRACE)
        .with_target("hyper_util::client", LevelFilter::DEBUG);
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(false);
    // Fails only if it is set already.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(filter).with_filter(without_credentials))
        .try_init();
}
