//! The secret that content keys are derived from.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::hex;

/// A seed: 32 random bytes in a store of secrets. Whoever has it has every key that is derived from it.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; 32]);

/// Why a text is no seed. What it says is not repeated, since it may be one that was damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// Of another length, or with other characters.
    #[error(
        "a seed is 64 hexadecimal digits, and nothing else ({characters} characters are there): make one with \
         `openssl rand -hex 32`"
    )]
    Digits {
        /// Characters, without white space around them.
        characters: usize,
    },
    /// One byte over and over: nobody's random number.
    #[error("this seed is one byte repeated, not a random number: make one with `openssl rand -hex 32`")]
    NotRandom,
}

impl Seed {
    /// Reads 64 hexadecimal digits; white space around them is nothing.
    ///
    /// # Errors
    /// See [`SeedError`].
    pub fn parse(text: &str) -> Result<Self, SeedError> {
        let text = text.trim();
        let bytes = Zeroizing::new(
            hex::decode::<32>(text).ok_or(SeedError::Digits { characters: text.chars().count() })?,
        );
        let [first, ..] = *bytes;
        if bytes.iter().all(|byte| *byte == first) {
            return Err(SeedError::NotRandom);
        }
        Ok(Self(*bytes))
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(hidden)")
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_seed_is_refused_and_not_repeated() {
        let digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        assert!(Seed::parse(&format!(" {digits}\n")).is_ok());
        let shown = format!("{:?}", Seed::parse(digits).unwrap());
        assert_eq!(shown, "Seed(hidden)");
        for wrong in ["", "secret", &digits[1..], &format!("{digits}00"), &digits.replace('f', "g")] {
            let error = Seed::parse(wrong).unwrap_err();
            let message = error.to_string();
            assert_eq!(error, SeedError::Digits { characters: wrong.chars().count() });
            assert!(wrong.len() < 5 || !message.contains(wrong), "{message}");
        }
        assert_eq!(Seed::parse(&"00".repeat(32)), Err(SeedError::NotRandom));
    }
}
