//! Who may access a file. A new file that takes an old one's place lets nobody
//! in whom the old one kept out.

use std::ffi::OsStr;
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

use xattr::FileExt as _;

use super::error::SourceError;

/// What decides beside the owner and the mode who may access a file.
const ACLS: [&str; 2] = ["system.posix_acl_access", "system.nfs4_acl"];

/// What belongs to the old content alone: its signatures and privileges.
const OF_CONTENT: [&str; 3] = ["security.ima", "security.evm", "security.capability"];

/// Gives the new file the old one's owner, attributes, ACL and mode, in this
/// order: a new owner clears bits of the mode, and a mode that forbids to write
/// forbids new attributes too. Comes back with what could not be given.
///
/// # Errors
/// If somebody might gain access.
pub(super) fn carry(from: &File, to: &File) -> Result<Vec<String>, SourceError> {
    let read = "read who may access it";
    let old = from.metadata().map_err(SourceError::io(read))?;
    let new = to.metadata().map_err(SourceError::io(read))?;
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        // Only a privileged process may give a file away.
        let whole = fchown(to, Some(old.uid()), Some(old.gid()));
        if whole.is_err() {
            let _ = fchown(to, None, Some(old.gid()));
        }
    }
    let new = to.metadata().map_err(SourceError::io(read))?;
    let has_owner = old.uid() == new.uid();
    let has_group = old.gid() == new.gid();
    let mut lost = Vec::new();
    let mut mode = old.mode() & 0o7777;
    if !has_owner {
        lost.push(format!("its owner (user {})", old.uid()));
        mode &= !0o4000;
    }
    if !has_group {
        lost.push(format!("its group ({})", old.gid()));
        // Those of the old group are others now, and some others are the group.
        let both = mode & mode >> 3 & 0o7;
        mode = mode & !0o2077 | both << 3 | both;
    }
    lost.extend(attributes(from, to));
    for name in ACLS {
        let acl = get(from, name).map_err(SourceError::io(read))?;
        if acl == get(to, name).map_err(SourceError::io(read))? {
            continue;
        }
        let given = match acl {
            Some(acl) if has_group => to.set_xattr(name, &acl),
            // Its entry for the group would be another group's.
            Some(_) => Err(io::ErrorKind::PermissionDenied.into()),
            // The directory's default.
            None => to.remove_xattr(name),
        };
        given.map_err(SourceError::not_replaced(
            "keep its ACL, and others might gain access",
        ))?;
    }
    // Not every file system takes a mode, also where it is the file's own.
    if mode != to.metadata().map_err(SourceError::io(read))?.mode() & 0o7777 {
        to.set_permissions(Permissions::from_mode(mode))
            .map_err(SourceError::not_replaced(
                "give the new file the old one's mode",
            ))?;
    }
    Ok(lost)
}

/// Gives the new file the old one's attributes; the names of those that it
/// does not get.
fn attributes(from: &File, to: &File) -> Vec<String> {
    let names = match from.list_xattr() {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::Unsupported => return Vec::new(),
        Err(_) => return vec!["its extended attributes".to_owned()],
    };
    let is_lost = |name: &OsStr| {
        let Some(text) = name.to_str() else {
            return true;
        };
        if ACLS.contains(&text) || OF_CONTENT.contains(&text) {
            return false;
        }
        let Ok(value) = get(from, name) else {
            return true;
        };
        // The system gives some to every file.
        if get(to, name).is_ok_and(|own| own == value) {
            return false;
        }
        let may_carry = text.starts_with("user.") || text == "security.selinux";
        !may_carry || value.is_none_or(|value| to.set_xattr(name, &value).is_err())
    };
    names
        .filter(|name| is_lost(name))
        .map(|name| format!("its attribute {}", name.display()))
        .collect()
}

/// An attribute's value; a file system without attributes has none.
fn get(file: &File, name: impl AsRef<OsStr>) -> io::Result<Option<Vec<u8>>> {
    match file.get_xattr(name) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(None),
        value => value,
    }
}
