//! Hexadecimal digits.

/// Bytes as lowercase digits.
pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Exactly `N` bytes from as many pairs of digits, of either case.
pub fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (mut bytes, digits) = ([0; N], text.as_bytes());
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |b: Option<&u8>| char::from(*b?).to_digit(16);
        *byte = (digit(pair.first())? * 16 + digit(pair.last())?) as u8;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_bytes() {
        assert_eq!(decode::<3>("00fFa1"), Some([0, 255, 161]));
        assert_eq!(encode(&[0, 255, 161]), "00ffa1");
        for wrong in ["00ff", "00ffa", "00ffa1b2", "00ffg1", "+0ffa1", "00ff é"] {
            assert_eq!(decode::<3>(wrong), None, "{wrong}");
        }
    }
}
