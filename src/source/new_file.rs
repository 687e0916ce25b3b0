//! A new file in the place of an old one, durably.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::access;
use super::error::SourceError;

/// Puts a new file with these bytes in the place of `path`: readers see the
/// old bytes or the new ones, also after a crash. It is `like` the old file, or
/// for nobody else.
///
/// Under the lock the temporary file's name is always the same: nobody else
/// uses it, and what a killed run left behind is cleared away by the next.
///
/// Comes back with what the new file does not have of the old one.
pub(super) fn replace(
    path: &Path,
    bytes: &[u8],
    like: Option<&File>,
    is_locked: bool,
) -> Result<Vec<String>, SourceError> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    let name = hidden(path, ".ctpolicy.tmp");
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
        fs::remove_file(&temporary).map_err(SourceError::not_replaced(action))?;
        created = create();
    }
    let mut file = created.map_err(|error| {
        let action = format!("write a temporary file in {}", directory.display());
        SourceError::not_replaced(action)(without_path(&error))
    })?;
    file.write_all(bytes).map_err(|error| {
        SourceError::io("write a temporary file beside it")(without_path(&error))
    })?;
    let lost = match like {
        Some(like) => access::carry(like, file.as_file())?,
        None => Vec::new(),
    };
    file.as_file()
        .sync_all()
        .map_err(SourceError::io("bring the new file to the disk"))?;
    file.persist(path).map_err(|error| {
        let mut action = "put the new file in its place".to_owned();
        if error.error.kind() == io::ErrorKind::ResourceBusy {
            action.push_str(", where a file is mounted by itself");
        }
        SourceError::not_replaced(action)(error.error)
    })?;
    sync(directory).map_err(SourceError::io(
        "bring its directory to the disk (the new file is in its place)",
    ))?;
    Ok(lost)
}

/// Brings a directory to the disk, where that is possible: one that may be
/// written but not read is not opened, and not every file system can.
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    match File::open(directory).and_then(|directory| directory.sync_all()) {
        Err(error) if matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported) => {
            Ok(())
        }
        synced => synced,
    }
}

/// A hidden file's name, for something that belongs to a file.
pub(super) fn hidden(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(suffix);
    name.into()
}

/// `tempfile` puts the path into its errors; ours name it already.
fn without_path(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(
        || io::Error::from(error.kind()),
        io::Error::from_raw_os_error,
    )
}
