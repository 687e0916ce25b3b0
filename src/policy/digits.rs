//! The digits of account IDs as numbers. Every value of a list is looked at so,
//! several digits at a time.

/// The digits of an account ID, four bits each, if the text is one.
pub(super) fn digits(text: &str) -> Option<u64> {
    packed(text.as_bytes().try_into().ok()?)
}

/// The same of 12 bytes.
pub(super) fn packed(digits: &[u8; 12]) -> Option<u64> {
    let mut last = *b"00000000";
    last[4..].copy_from_slice(digits.last_chunk::<4>()?);
    Some(eight(*digits.first_chunk()?)? << 16 | eight(last)?)
}

fn eight(digits: [u8; 8]) -> Option<u64> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let all = u64::from_be_bytes(digits);
    // A byte beyond 9 runs over into its high half.
    let beyond = all.wrapping_add(0x0606_0606_0606_0606);
    if all & HIGH != ZEROS || beyond & HIGH != ZEROS {
        return None;
    }
    let pairs = all & !HIGH;
    let bytes = (pairs | pairs >> 4) & 0x00ff_00ff_00ff_00ff;
    let words = (bytes | bytes >> 8) & 0x0000_ffff_0000_ffff;
    Some((words | words >> 16) & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_four_bits_each() {
        assert_eq!(digits("012345678901"), Some(0x0123_4567_8901));
        assert_eq!(digits("999999999999"), Some(0x9999_9999_9999));
        for other in ["", "12345678901", "1234567890123", "éééééé"] {
            assert_eq!(digits(other), None);
        }
        for place in 0..12 {
            for byte in 0..=u8::MAX {
                let mut id = *b"012345678901";
                id[place] = byte;
                assert_eq!(packed(&id).is_some(), byte.is_ascii_digit(), "{byte}");
            }
        }
    }
}
