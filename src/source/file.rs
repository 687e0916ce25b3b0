//! Files: replaced as a whole, durably, under a lock.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use json_patch::jsonptr::PointerBuf;

use super::access;
use super::commit::{Attempt, Commit, Step};
use super::error::SourceError;
use super::lock::Patience;
use super::manner::Manner;
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
    Some(Finding::warning(Code::HardLink, message, PointerBuf::new()))
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
    let replace = |path: &Path, bytes| replace(path, bytes, &locked, is_locked);
    if let Some(suffix) = &manner.backup {
        replace(&suffix.path(&target), old)?;
    }
    let lost = replace(&target, new)?;
    if !lost.is_empty() {
        tell(&Step::NotKept(lost));
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

/// Puts a new file with these bytes in the place of `path`: readers see the
/// old bytes or the new ones, also after a crash.
///
/// Under the lock the temporary file's name is always the same: nobody else
/// uses it, and what a killed run left behind is cleared away by the next.
///
/// Comes back with what the new file does not have of the old one.
fn replace(
    path: &Path,
    bytes: &[u8],
    like: &File,
    is_locked: bool,
) -> Result<Vec<String>, SourceError> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    let name = temporary_name(path);
    let temporary = directory.join(&name);
    let create = || {
        tempfile::Builder::new()
            .prefix(&name)
            .rand_bytes(if is_locked { 0 } else { 6 })
            .tempfile_in(directory)
    };
    let mut created = create();
    if matches!(&created, Err(error) if error.kind() == io::ErrorKind::AlreadyExists) {
        let action = format!("clear the temporary file {} away", temporary.display());
        fs::remove_file(&temporary).map_err(SourceError::io(action))?;
        created = create();
    }
    let mut file = created.map_err(|error| {
        let action = format!("write a temporary file in {}", directory.display());
        SourceError::io(action)(without_path(&error))
    })?;
    file.write_all(bytes).map_err(|error| {
        SourceError::io("write a temporary file beside it")(without_path(&error))
    })?;
    let lost = access::carry(like, file.as_file())?;
    file.as_file()
        .sync_all()
        .map_err(SourceError::io("bring the new file to the disk"))?;
    file.persist(path)
        .map_err(|error| SourceError::io("put the new file in its place")(error.error))?;
    match File::open(directory).and_then(|directory| directory.sync_all()) {
        // A directory that may be written but not read cannot be synced; the
        // new file is in its place all the same.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
        synced => synced.map_err(SourceError::io(
            "bring its directory to the disk (the new file is in its place)",
        ))?,
    }
    Ok(lost)
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".ctpolicy.tmp");
    name.into()
}

/// `tempfile` puts the path into its errors; ours name it already.
fn without_path(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(
        || io::Error::from(error.kind()),
        io::Error::from_raw_os_error,
    )
}
