//! Files: read whole, and written under a lock.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use json_patch::jsonptr::PointerBuf;

use super::commit::{Attempt, Commit, Step};
use super::error::SourceError;
use super::in_place;
use super::lock::Patience;
use super::manner::Manner;
use super::new_file::replace;
use super::read::{Purpose, read_limited};
use crate::policy::{Code, Finding};

pub(super) fn is_fifo(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|own| own.file_type().is_fifo())
}

pub(super) fn read(path: &Path, purpose: Purpose) -> Result<Vec<u8>, SourceError> {
    let metadata = fs::metadata(path).map_err(SourceError::io("read it"))?;
    let kind = metadata.file_type();
    if kind.is_dir() {
        return Err(SourceError::NotAFile("a directory"));
    }
    if kind.is_socket() {
        return Err(SourceError::NotAFile("a socket"));
    }
    if !kind.is_file() {
        return Err(SourceError::NotAFile("a device"));
    }
    let file = File::open(path).map_err(SourceError::io("read it"))?;
    in_place::is_whole(path, &file)?;
    let bytes = read_limited(file, Some(metadata.len()), purpose)?;
    if purpose == (Purpose::Edit { will_write: true }) {
        OpenOptions::new()
            .write(true)
            .open(path)
            .map_err(SourceError::io("write it"))?;
    }
    Ok(bytes)
}

/// A new file is put in the place of one of its names.
pub(super) fn other_names(path: &Path) -> Option<Finding> {
    let others = fs::metadata(path).ok()?.nlink().checked_sub(1)?;
    let message = match others {
        0 => return None,
        1 => "the file has another name (a hard link), under which the old bytes stay".to_owned(),
        _ => format!(
            "the file has {others} other names (hard links), under which the old bytes stay"
        ),
    };
    let finding = Finding::warning(Code::HardLink, message, PointerBuf::new());
    Some(finding.help("to edit it under all its names: --in-place"))
}

pub(super) fn commit(
    path: &Path,
    old: &[u8],
    new: &[u8],
    manner: &Manner,
    tell: &mut dyn FnMut(&Step),
) -> Result<Commit, SourceError> {
    // A symbolic link stays: what it points to is replaced.
    let target = fs::canonicalize(path).map_err(SourceError::io("find it"))?;
    let mut waiting = || tell(&Step::Waiting);
    let (locked, is_locked) = lock(&target, Patience::new(manner.wait, &mut waiting))?;
    if !is_locked {
        tell(&Step::NoLocks);
    }
    if !holds(&locked, old)? {
        return Ok(Commit::Changed(Attempt::NotCarriedOut));
    }
    tell(&Step::Writing);
    let replace = |path: &Path, bytes| replace(path, bytes, Some(&locked), is_locked);
    if let Some(suffix) = &manner.backup {
        let backup = suffix.path(&target);
        replace(&backup, old).map_err(|error| SourceError::NotKept(Box::new(error)))?;
    }
    if manner.in_place {
        in_place::overwrite(&target, &locked, old, new, is_locked)?;
        return Ok(Commit::Written);
    }
    let lost = replace(&target, new)?;
    if !lost.is_empty() {
        tell(&Step::Lost(lost));
    }
    Ok(Commit::Written)
}

/// Whether a file holds just these bytes; it is not kept to find out.
fn holds(file: &File, bytes: &[u8]) -> Result<bool, SourceError> {
    let mut reader = BufReader::new(file);
    let mut left = bytes;
    loop {
        let part = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other.map_err(SourceError::io("read it"))?,
        };
        let Some(after) = left.strip_prefix(part) else {
            return Ok(false);
        };
        if part.is_empty() {
            return Ok(left.is_empty());
        }
        left = after;
        let taken = part.len();
        reader.consume(taken);
    }
}

/// The file, locked; whoever else writes it with this tool waits. A writer
/// puts a new file in its place, so the lock counts only while the path still
/// leads to the file that is locked. Where the file system has no locks the
/// bytes are compared all the same.
fn lock(target: &Path, mut patience: Patience<'_>) -> Result<(File, bool), SourceError> {
    loop {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(target)
            .map_err(SourceError::io("write it"))?;
        if !patience.lock(&file)? {
            return Ok((file, false));
        }
        let ours = file.metadata().map_err(SourceError::io("read it"))?;
        match fs::metadata(target) {
            Ok(now) if (now.dev(), now.ino()) == (ours.dev(), ours.ino()) => {
                return Ok((file, true));
            }
            Ok(_) => {}
            Err(error) => return Err(SourceError::io("read it")(error)),
        }
    }
}
