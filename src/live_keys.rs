//! Live keys are another program's: it has the AWS client, which is most of
//! what there would be to load, and which nobody needs who edits a file.

use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use ctpolicy::report::escape::one_line;
use ctpolicy::source::SourceError;
use ctpolicy::source::kms::{Api, Settings};

/// The program that has the AWS client.
const PROGRAM: &str = "ctpolicy-kms";

/// Goes on in that program, with the same arguments; comes back only if it
/// cannot be started.
///
/// # Errors
/// Why it cannot be.
pub fn hand_over(_: &Settings) -> Result<Box<dyn Api>, String> {
    let own = env::current_exe().map_err(|error| why(Path::new(PROGRAM), error))?;
    // Only beside this one: what is found elsewhere may be anybody's.
    let program = own.with_file_name(PROGRAM);
    let mut command = Command::new(&program);
    // Its version is the first argument: the two go together.
    command.arg(env!("CARGO_PKG_VERSION"));
    command.args(env::args_os().skip(1));
    Err(why(&program, command.exec()))
}

fn why(program: &Path, error: io::Error) -> String {
    let program = one_line(&program.display().to_string());
    if error.kind() == io::ErrorKind::NotFound {
        return format!(
            "live keys need {program}, and it is not there\n  help: install ctpolicy with the cargo feature kms, as is the default; or fetch the policy into a file: aws kms get-key-policy --policy-name default --output text --query Policy --key-id KEY"
        );
    }
    let action = format!("run {program}");
    SourceError::Io { action, error }.to_string()
}
