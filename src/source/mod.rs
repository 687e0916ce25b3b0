//! Where policies live: how their bytes are read, and written back so that
//! nothing is lost.

mod access;
mod commit;
mod error;
mod file;
mod hash;
mod in_place;
pub mod kms;
mod lock;
mod manner;
mod new_file;
mod read;
mod side_by_side;
mod state;

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use json_patch::jsonptr::PointerBuf;

use crate::document::Document;
use crate::plan::MAX_BYTES;
use crate::policy::{Code, Finding, KeyArn, Partition, canonical};
use crate::value::Value;

pub use commit::{Attempt, Commit, Saved, Step};
pub use error::SourceError;
pub use hash::Sha256Hex;
pub use manner::{BackupSuffix, Manner};
pub use read::Purpose;
use read::read_limited;
pub use side_by_side::{Waits, side_by_side};

/// The names of standard input.
const STDIN: [&str; 4] = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Where the files stand that the process has open.
const OPEN_FILES: [&str; 2] = ["/dev/fd", "/proc/self/fd"];

/// What an argument of the command line names.
#[derive(Debug, Clone)]
pub enum Argument {
    /// A place that needs no looking up.
    Here(Source),
    /// A live key, by its name.
    Key(kms::Wanted),
}

impl Argument {
    /// The argument of a file's name, or `-`.
    pub fn of_file(argument: &Path) -> Self {
        Self::Here(Source::of_file(argument))
    }

    pub fn is_file(&self) -> bool {
        matches!(self, Self::Here(Source::File(_)))
    }

    /// Whether it is standard input.
    pub fn is_stdin(&self) -> bool {
        matches!(self, Self::Here(source) if source.is_stdin())
    }

    /// Whether it is standard input or another pipe.
    pub fn is_pipe(&self) -> bool {
        matches!(self, Self::Here(source) if source.is_pipe())
    }
}

/// A place where a policy lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    /// Standard input, `-`, or what else is read only once: the edited policy
    /// goes to standard output.
    Pipe(PathBuf),
    Key(Box<kms::Key>),
}

/// The sources that the arguments name, each once and in their order; and the
/// names of those that cannot be found.
pub fn locate(arguments: &[Argument]) -> (Vec<Source>, Vec<(String, SourceError)>) {
    let mut sources = Vec::new();
    let mut failures = Vec::new();
    let mut seen = HashSet::new();
    let mut take = |found: Vec<Result<(Source, PathBuf), (String, SourceError)>>| {
        for found in found {
            match found {
                Ok((source, identity)) => {
                    if seen.insert(identity) {
                        sources.push(source);
                    }
                }
                Err(failure) => failures.push(failure),
            }
        }
    };
    let find = |argument: &Argument| {
        let found = match argument {
            Argument::Here(source) => vec![Ok(source.clone())],
            Argument::Key(wanted) => {
                let keys = wanted.locate().into_iter();
                keys.map(|key| key.map(|key| Source::Key(Box::new(key))))
                    .collect()
            }
        };
        // One alone is no other's like.
        let is_alone = arguments.len() == 1 && matches!(argument, Argument::Here(_));
        let identify = |source: Source| {
            let identity = if is_alone {
                PathBuf::new()
            } else {
                source.identity()
            };
            (source, identity)
        };
        found.into_iter().map(|one| one.map(identify)).collect()
    };
    let is_key = |argument: &Argument| matches!(argument, Argument::Key(_));
    let waits = if arguments.iter().any(is_key) {
        Waits::ForKms
    } else {
        Waits::ForCores
    };
    side_by_side(arguments, waits, find, &mut take);
    let keys = sources.iter().filter_map(|source| match source {
        Source::Key(key) => Some(key.arn().to_string()),
        Source::File(_) | Source::Pipe(_) => None,
    });
    let keys: HashSet<String> = keys.collect();
    for source in &mut sources {
        if let Source::Key(key) = source {
            key.go_with(&keys);
        }
    }
    (sources, failures)
}

impl Source {
    /// The source of a file's name, or of `-`.
    pub fn of_file(argument: &Path) -> Self {
        // Bash's `<(…)` is a file that the process has open.
        let is_open = OPEN_FILES.iter().any(|own| argument.starts_with(own));
        if STDIN.iter().any(|own| argument == Path::new(own)) {
            Self::Pipe(STDIN[0].into())
        } else if is_open || file::is_fifo(argument) {
            Self::Pipe(argument.to_owned())
        } else {
            Self::File(argument.to_owned())
        }
    }

    /// Whether it is standard input or another pipe.
    pub fn is_pipe(&self) -> bool {
        matches!(self, Self::Pipe(_))
    }

    /// Whether it is standard input.
    pub fn is_stdin(&self) -> bool {
        matches!(self, Self::Pipe(path) if path.as_os_str() == STDIN[0])
    }

    /// By what two names of one place are known to be the same.
    pub(crate) fn identity(&self) -> PathBuf {
        match self {
            // A glob may name one file twice, by a link.
            Self::File(path) => path.canonicalize().unwrap_or_else(|_| path.clone()),
            Self::Pipe(path) => path.clone(),
            Self::Key(key) => key.arn().to_string().into(),
        }
    }

    /// The arguments that name it to a command.
    pub fn arguments(&self) -> Vec<String> {
        match self {
            Self::File(path) => {
                let path = path.display().to_string();
                let is_option = path.starts_with('-');
                vec![if is_option { format!("./{path}") } else { path }]
            }
            Self::Pipe(path) => vec![path.display().to_string()],
            Self::Key(key) => key.arguments(),
        }
    }

    /// How the header of a diff, and what is read elsewhere, names it.
    pub fn title(&self) -> String {
        match self {
            Self::Key(key) => key.title(),
            other => other.to_string(),
        }
    }

    /// How a question names it.
    pub fn place(&self) -> String {
        match self {
            Self::Key(key) => key.place(),
            other => other.to_string(),
        }
    }

    /// What is to be said of the place, whatever the policy is.
    pub fn findings(&self, will_edit: bool) -> Vec<Finding> {
        match self {
            Self::Key(key) => key.findings(will_edit),
            Self::File(_) | Self::Pipe(_) => Vec::new(),
        }
    }

    /// That a file which is edited has other names.
    pub fn other_names(&self) -> Option<Finding> {
        match self {
            Self::File(path) => file::other_names(path),
            Self::Pipe(_) | Self::Key(_) => None,
        }
    }

    /// The partition that the place is in, if it is in one.
    pub fn partition(&self) -> Option<Partition> {
        self.key().map(|key| key.partition)
    }

    /// The key whose policy it is, if that is known.
    pub fn key(&self) -> Option<&KeyArn> {
        match self {
            Self::Key(key) => Some(key.arn()),
            Self::File(_) | Self::Pipe(_) => None,
        }
    }

    /// The hash by which a policy that was reviewed is known again: of its
    /// bytes, or of its canonical form where the bytes are others at each
    /// reading.
    pub fn fingerprint(&self, bytes: &[u8], value: &Value) -> Sha256Hex {
        match self {
            Self::Key(_) => Sha256Hex::of(canonical(value).to_string().as_bytes()),
            Self::File(_) | Self::Pipe(_) => Sha256Hex::of(bytes),
        }
    }

    /// The document as it goes there: what KMS takes only without white space
    /// goes to a key without it.
    pub fn fit(&self, document: Document) -> (Document, Option<Finding>) {
        let bytes = document.text().len();
        if !matches!(self, Self::Key(_)) || bytes <= MAX_BYTES {
            return (document, None);
        }
        let minified = document.value().to_string();
        if minified.len() > MAX_BYTES {
            return (document, None);
        }
        match Document::parse(minified.as_bytes()) {
            Ok(small) => {
                let message = format!(
                    "the policy is put without white space: as it is laid out it has {bytes} bytes, and KMS takes {MAX_BYTES}"
                );
                let finding = Finding::note(Code::WithoutWhiteSpace, message, PointerBuf::new());
                (small, Some(finding))
            }
            Err(_) => (document, None),
        }
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// If it is no file, too large, or the system or KMS refuses. To be written,
    /// also if a file may not be.
    pub fn read(&self, purpose: Purpose) -> Result<Vec<u8>, SourceError> {
        match self {
            Self::File(path) => file::read(path, purpose),
            _ if self.is_stdin() => read_limited(io::stdin().lock(), None, purpose),
            Self::Pipe(path) => {
                let pipe = File::open(path).map_err(SourceError::io("read it"))?;
                read_limited(pipe, None, purpose)
            }
            Self::Key(key) => key.read(),
        }
    }

    /// Puts `new` in the place of `old`, whole or not at all. `tell` hears of
    /// what is under way.
    ///
    /// # Errors
    /// If the system or KMS refuses. A file then holds what it held; of a key
    /// the error says what is known.
    pub fn commit(
        &self,
        old: &[u8],
        new: &[u8],
        manner: &Manner,
        tell: &mut dyn FnMut(&Step),
    ) -> Result<Commit, SourceError> {
        match self {
            Self::File(path) => file::commit(path, old, new, manner, tell),
            Self::Pipe(_) => {
                let mut stdout = io::stdout().lock();
                match stdout.write_all(new).and_then(|()| stdout.flush()) {
                    // A reader that went away wants no more.
                    Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(
                        SourceError::io("write the policy to standard output")(error),
                    ),
                    _ => Ok(Commit::Written),
                }
            }
            Self::Key(key) => key.commit(old, new, manner.wait, tell),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            _ if self.is_stdin() => f.write_str("<stdin>"),
            Self::File(path) | Self::Pipe(path) => path.display().fmt(f),
            Self::Key(key) => f.write_str(key.label()),
        }
    }
}

impl Waits {
    /// What reading these sources waits for.
    pub fn to_read(sources: &[Source]) -> Self {
        if sources
            .iter()
            .any(|source| matches!(source, Source::Key(_)))
        {
            Self::ForKms
        } else {
            Self::ForCores
        }
    }
}
