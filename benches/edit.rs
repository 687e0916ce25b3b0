//! The straight line of `add-account` on one file, without KMS's limit of
//! 32,768 bytes, at which the command refuses a policy: read, plan, apply,
//! diff, and replace the file. For measuring how it scales.
//!
//! `edit ACCOUNTS FILE`: the accounts are a file, one a line. Prints how long
//! each step took, in milliseconds.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use ctpolicy::accounts;
use ctpolicy::document::{Document, Selection};
use ctpolicy::plan::Case;
use ctpolicy::plan::{Request, add};
use ctpolicy::report::diff::{self, Look};
use ctpolicy::source::Source;

fn main() -> Result<(), String> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(list), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("edit ACCOUNTS FILE".to_owned());
    };
    let mut since = Instant::now();
    let mut step = |name: &str| {
        let now = Instant::now();
        println!("{name} {:.3}", (now - since).as_secs_f64() * 1e3);
        since = now;
    };
    let list = std::fs::read_to_string(list).map_err(|error| error.to_string())?;
    let accounts = accounts::parse(&list, accounts::Which::Active)
        .map_err(|errors| format!("{errors:?}"))?
        .accounts;
    drop(list);
    let request = Request {
        accounts,
        ..Request::default()
    };
    step("accounts");
    let source = Source::of_file(&file);
    let old = source.read(true).map_err(|error| error.to_string())?;
    step("read");
    let mut before =
        Document::open(old, &Selection::default()).map_err(|error| error.to_string())?;
    step("parse");
    let plan = add::plan(&Case::of(before.value()), &request)
        .map_err(|findings| format!("{findings:?}"))?;
    step("plan");
    let mut after = before
        .edit(&plan.operations)
        .map_err(|error| error.to_string())?;
    after.let_value_go();
    step("apply");
    let diff = diff::unified(
        "policy.json",
        before.diff_text(),
        after.diff_text(),
        &after.changes_from(&before),
        Look {
            context: 3,
            is_coloured: false,
        },
    );
    // As the command does: it goes out without a text of it all in between.
    let out = File::create("/dev/null").map_err(|error| error.to_string())?;
    write!(BufWriter::new(out), "{diff}").map_err(|error| error.to_string())?;
    step("diff");
    source
        .commit(before.as_bytes(), after.as_bytes(), None, &mut |_| ())
        .map_err(|error| error.to_string())?;
    step("write");
    Ok(())
}
