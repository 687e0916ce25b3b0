//! A file that is overwritten itself, where no other can take its place. It is
//! the one write that a crash can tear, so the old bytes are saved first.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::SourceError;
use super::hash::Sha256Hex;
use super::lock::Patience;
use super::new_file::{hidden, replace, sync};
use super::state;

/// How long another run may take to overwrite the file.
const WRITING: Duration = Duration::from_secs(10);

/// Where a file's old bytes may be saved: beside it, or where the directory
/// takes nothing in the user's state directory.
fn places(target: &Path) -> impl Iterator<Item = PathBuf> {
    let beside = target.with_file_name(hidden(target, ".ctpolicy.saved"));
    let name = Sha256Hex::of(target.as_os_str().as_bytes()).to_string();
    let state = state::directory().map(|state| state.join("in-place").join(name));
    [beside].into_iter().chain(state)
}

/// The old bytes that a run has left, which did not end.
fn saved(target: &Path) -> Result<(), SourceError> {
    match places(target).find(|place| place.exists()) {
        Some(saved) => Err(SourceError::CutShort { saved }),
        None => Ok(()),
    }
}

/// Looks whether the file is whole.
///
/// # Errors
/// If a run was ended while it overwrote the file.
pub(super) fn is_whole(path: &Path, file: &File) -> Result<(), SourceError> {
    let target = fs::canonicalize(path).map_err(SourceError::io("find it"))?;
    saved(&target).or_else(|_| {
        // Or a run is overwriting it now.
        Patience::new(WRITING, &mut || ()).lock(file)?;
        saved(&target)
    })
}

/// Puts `new` in the place of `old` in the file itself.
pub(super) fn overwrite(
    target: &Path,
    file: &File,
    old: &[u8],
    new: &[u8],
    is_locked: bool,
) -> Result<(), SourceError> {
    saved(target)?;
    let saved = save(target, old, is_locked)?;
    if let Err(error) = write(file, new) {
        if write(file, old).is_err() {
            return Err(SourceError::Torn { saved, error });
        }
        remove(&saved).map_err(SourceError::io(format!(
            "remove {}, the copy of its old bytes, which it has again",
            saved.display()
        )))?;
        return Err(SourceError::io("overwrite it (it has its old bytes again)")(error));
    }
    remove(&saved).map_err(SourceError::io(format!(
        "remove {}, the copy of its old bytes (it has the new ones)",
        saved.display()
    )))
}

fn save(target: &Path, old: &[u8], is_locked: bool) -> Result<PathBuf, SourceError> {
    let mut failed = SourceError::NotReplaced {
        action: "save its old bytes".to_owned(),
        error: io::ErrorKind::NotFound.into(),
    };
    for place in places(target) {
        // There is one for the file itself.
        let _ = place.parent().map(fs::create_dir_all);
        match replace(&place, old, None, is_locked) {
            Ok(_) => return Ok(place),
            Err(error) => {
                // It may be there, and not for certain.
                let _ = fs::remove_file(&place);
                failed = error;
            }
        }
    }
    Err(SourceError::NotKept(Box::new(failed)))
}

fn write(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

fn remove(saved: &Path) -> io::Result<()> {
    fs::remove_file(saved)?;
    // Else a crash may bring it back, and the next run names it.
    saved.parent().map_or(Ok(()), sync).or(Ok(()))
}
