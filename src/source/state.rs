//! Where this user's programs keep what is to outlast a run.

use std::path::PathBuf;

use etcetera::BaseStrategy;

/// The folder for this program.
///
/// <https://specifications.freedesktop.org/basedir-spec/latest/>
pub(super) fn directory() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    let state = base.state_dir().unwrap_or_else(|| base.data_dir());
    Some(state.join("ctpolicy"))
}
