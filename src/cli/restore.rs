//! `ctpolicy restore`

use std::path::PathBuf;

use clap::Args;
use json_patch::jsonptr::PointerBuf;

use super::edit::{EditArgs, STATUS};
use super::keys::KeyArgs;
use crate::document::{Document, HostKind, Selection};
use crate::flow::{self, Status};
use crate::plan::restore;
use crate::policy::{Code, Finding, Policy};
use crate::report::{self, Failure, escape::one_line};
use crate::source::kms::Connect;
use crate::source::{Purpose, Source};

#[derive(Debug, Args)]
#[command(override_usage = "ctpolicy restore [OPTIONS] FILE --key KEY…")]
#[command(before_help = "Example: ctpolicy restore SAVED.json --key alias/cloudtrail")]
#[command(after_long_help = STATUS)]
pub struct Restore {
    /// The policy to put back, as it was saved before an edit; `-` is standard
    /// input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    keys: KeyArgs,

    #[command(flatten)]
    edit: EditArgs,
}

impl Restore {
    /// Runs the command.
    pub fn run(self, connect: &Connect) -> Result<Status, String> {
        let policies = self.keys.arguments(self.edit.keys(), connect)?;
        if policies.is_empty() {
            return Err("no key given\n  help: ctpolicy restore FILE --key KEY".to_owned());
        }
        let source = Source::of_file(&self.file);
        let name = source.to_string();
        let bytes = source
            .read(Purpose::Edit { will_write: false })
            .map_err(|error| format!("{}: {error}", one_line(&name)))?;
        let old = match read(&bytes) {
            Ok(old) => old,
            Err(failure) => {
                report::say(&report::failure(&name, &failure));
                return Ok(Status::Failed);
            }
        };
        let mut options = self.edit.resolve(&policies, Selection::default(), None)?;
        options.replacement = Some(old.clone());
        Ok(flow::run(&policies, &options, &|case| {
            restore::plan(case, old.value())
        }))
    }
}

/// The policy alone, also out of the AWS CLI's envelope.
fn read(bytes: &[u8]) -> Result<Document, Failure> {
    // The text goes to the key as it is: nothing else than JSON will do.
    let json = Selection {
        kind: Some(HostKind::Json),
        ..Selection::default()
    };
    let document = Document::open(bytes, &json)?;
    let document = Document::open(document.text().as_bytes(), &json)?;
    let findings = match Policy::read(document.value()) {
        Ok(_) if !document.is_enveloped() => return Ok(document),
        Ok(_) => vec![Finding::error(
            Code::Envelope,
            "the text in \"Policy\" is such an envelope itself, and no policy",
            PointerBuf::new(),
        )],
        Err(findings) => findings,
    };
    Err(Failure::Refused(Box::new(document), findings))
}
