//! Live keys are another program's: it has the AWS client, which is most of
//! what there would be to load, and which nobody needs who edits a file.

use std::convert::Infallible;
use std::env;
use std::ffi::{CString, OsString};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use ctpolicy::report::escape::one_line;
use ctpolicy::source::SourceError;
use ctpolicy::source::kms::{Api, Settings};
use nix::unistd::execv;

/// The program that has the AWS client.
const PROGRAM: &str = "ctpolicy-kms";

const HELP: &str = "ctpolicy and ctpolicy-kms go together, in one folder: install both anew (make install, or cargo install with the feature kms, as is the default); or fetch the policy into a file: aws kms get-key-policy --policy-name default --output text --query Policy --key-id KEY";

/// Goes on in that program, with the same arguments; comes back only if it
/// cannot be started.
///
/// # Errors
/// Why it cannot be.
pub fn hand_over(_: &Settings) -> Result<Box<dyn Api>, String> {
    // Only beside this one: what is found elsewhere may be anybody's.
    let own = env::current_exe().map_err(|error| why(Path::new(PROGRAM), error))?;
    let program = own.with_file_name(PROGRAM);
    let Err(error) = become_it(&program);
    Err(why(&program, error))
}

/// Not by `std::process::Command`, which hands what is no program to a shell.
fn become_it(program: &Path) -> io::Result<Infallible> {
    let text = |text: OsString| CString::new(text.into_vec()).map_err(io::Error::other);
    // Its version is the first argument: the two go together.
    let words = [PROGRAM, env!("CARGO_PKG_VERSION")].map(OsString::from);
    let arguments = words.into_iter().chain(env::args_os().skip(1)).map(text);
    let arguments: Vec<CString> = arguments.collect::<io::Result<_>>()?;
    Ok(execv(&text(program.into())?, &arguments)?)
}

fn why(program: &Path, error: io::Error) -> String {
    let program = one_line(&program.display().to_string());
    if error.kind() == io::ErrorKind::NotFound {
        return format!("live keys need {program}, and it is not there\n  help: {HELP}");
    }
    let action = format!("run {program}");
    format!("{}\n  help: {HELP}", SourceError::Io { action, error })
}
