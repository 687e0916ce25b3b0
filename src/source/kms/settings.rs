//! How live keys are reached and edited.

use std::path::PathBuf;

/// How live keys are reached and edited.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The Region of keys that are not named by ARN.
    pub region: Option<String>,
    /// The profile in the AWS configuration files.
    pub profile: Option<String>,
    /// Where KMS listens, if not at its own address.
    pub endpoint_url: Option<String>,
    /// Whether a multi-Region key means all of its set.
    pub replicas: bool,
    /// Where old policies are kept, if not in the user's state directory.
    pub backup_dir: Option<PathBuf>,
}
