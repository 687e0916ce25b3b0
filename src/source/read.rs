//! How bytes are read.

use std::io::Read;

use super::error::SourceError;

/// What bytes are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Question,
    Edit { will_write: bool },
}

const MIB: u64 = 1024 * 1024;

impl Purpose {
    /// How many bytes there may be.
    fn most(self) -> u64 {
        match self {
            Self::Question => 64 * MIB,
            Self::Edit { .. } => 4 * MIB,
        }
    }

    /// The refusal of something larger, whose size may be known.
    fn too_large(self, size: Option<u64>) -> SourceError {
        let most = self.most() / MIB;
        let size = size.map_or_else(
            || format!("is larger than {most} MiB"),
            |size| {
                let tenths = (size * 10).div_ceil(MIB);
                format!("is {}.{} MiB", tenths / 10, tenths % 10)
            },
        );
        let reads = match self {
            Self::Question => "reads",
            Self::Edit { .. } => "edits",
        };
        SourceError::TooLarge { size, reads, most }
    }
}

/// Reads everything; of a file the size is known.
pub(super) fn read_limited(
    reader: impl Read,
    size: Option<u64>,
    purpose: Purpose,
) -> Result<Vec<u8>, SourceError> {
    let most = purpose.most();
    if size.is_some_and(|size| size > most) {
        return Err(purpose.too_large(size));
    }
    let size = usize::try_from(size.unwrap_or_default()).unwrap_or_default();
    // One more, so that the end is found without making room.
    let mut bytes = Vec::with_capacity(size + 1);
    reader
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(SourceError::io("read it"))?;
    if bytes.len() as u64 > most {
        return Err(purpose.too_large(None));
    }
    Ok(bytes)
}
