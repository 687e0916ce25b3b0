//! How bytes are read.

use std::io::Read;

use super::error::SourceError;

/// The largest input, in bytes.
pub const MAX_INPUT: u64 = 64 * 1024 * 1024;

/// Reads everything; `size` is what is expected, in bytes.
pub(super) fn read_limited(reader: impl Read, size: u64) -> Result<Vec<u8>, SourceError> {
    let size = usize::try_from(size.min(MAX_INPUT)).unwrap_or_default();
    // One more, so that the end is found without making room.
    let mut bytes = Vec::with_capacity(size + 1);
    reader
        .take(MAX_INPUT + 1)
        .read_to_end(&mut bytes)
        .map_err(SourceError::io("read it"))?;
    if bytes.len() as u64 > MAX_INPUT {
        return Err(SourceError::TooLarge);
    }
    Ok(bytes)
}
