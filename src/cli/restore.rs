//! `ctpolicy restore`

use std::path::PathBuf;

use clap::Args;

use super::arguments::EditArgs;
use super::keys::KeyArgs;
use crate::document::{Document, Selection};
use crate::flow::{self, Status};
use crate::plan::restore;
use crate::policy::Policy;
use crate::report::{self, Failure};
use crate::source::Source;

/// Put a saved policy back: the whole policy in FILE in the place of the one
/// that the key has.
#[derive(Debug, Args)]
#[command(before_help = "Example: ctpolicy restore SAVED.json --key alias/cloudtrail")]
pub struct Restore {
    /// The policy to put back, as it was saved before an edit
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    keys: KeyArgs,

    #[command(flatten)]
    edit: EditArgs,
}

impl Restore {
    /// Runs the command.
    pub fn run(self) -> Result<Status, String> {
        let policies = self.keys.arguments(self.edit.keys())?;
        if policies.is_empty() {
            return Err("no key given\n  help: ctpolicy restore FILE --key KEY".to_owned());
        }
        let old = match read(&Source::of_file(&self.file)) {
            Ok(old) => old,
            Err(failure) => {
                let name = self.file.display().to_string();
                report::say(&report::failure(&name, &failure));
                return Ok(Status::Failed);
            }
        };
        let mut options = self.edit.resolve(&policies, Selection::default())?;
        options.replacement = Some(old.clone());
        Ok(flow::run(&policies, &options, &|case| {
            restore::plan(case, old.value())
        }))
    }
}

/// The policy alone, also out of the AWS CLI's envelope.
fn read(source: &Source) -> Result<Document, Failure> {
    let document = Document::parse(&source.read(false)?)?;
    let document = Document::parse(document.text().as_bytes())?;
    match Policy::read(document.value()) {
        Ok(_) => Ok(document),
        Err(findings) => Err(Failure::Refused(Box::new(document), findings)),
    }
}
