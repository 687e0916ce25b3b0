//! The least that a durable edit of a file can cost: each file is read, and a
//! new one with the same bytes put in its place. Nothing is parsed.
//!
//! With `--read`, the files are only read, and sent to standard output.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

fn replace(path: &Path) -> io::Result<()> {
    let bytes = fs::read(path)?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".floor.tmp");
    let temporary = directory.join(name);
    let mut file = File::create(&temporary)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(directory)?.sync_all()
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args_os().skip(1).peekable();
    let only_read = arguments.next_if(|argument| argument == "--read").is_some();
    for path in arguments.map(PathBuf::from) {
        if only_read {
            io::stdout().write_all(&fs::read(path)?)?;
        } else {
            replace(&path)?;
        }
    }
    Ok(())
}
