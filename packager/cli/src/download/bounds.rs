//! How much may be read in all, and for how long.

use std::{
    fmt,
    str::FromStr,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use clap::Args;
use tokio::time::Instant;

/// What a check may take.
#[derive(Args, Debug, Clone)]
pub struct Bounds {
    /// Bytes read in all: a number, with KiB, MiB, GiB or TiB behind it where that is meant
    #[arg(long, value_name = "BYTES", default_value = "4GiB")]
    pub max_bytes: Bytes,
    /// How long all requests may take
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = humantime::parse_duration)]
    pub max_time: Duration,
    /// Ask addresses of private networks and of this machine too, whatever names them. Without it, only a presentation
    /// that itself lies at such an address may name more of its kind
    #[arg(long)]
    pub allow_private: bool,
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let shift = match unit.trim() {
            "" | "B" => 0,
            "KiB" => 10,
            "MiB" => 20,
            "GiB" => 30,
            "TiB" => 40,
            _ => return Err("expected a number of bytes, such as 500MiB or 4GiB".to_owned()),
        };
        let number: u64 =
            number.parse().map_err(|_| "expected a number of bytes, such as 4GiB".to_owned())?;
        number.checked_mul(1 << shift).map(Self).ok_or_else(|| "too many bytes".to_owned())
    }
}

/// Which bound was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// That of bytes.
    Bytes(u64),
    /// That of time.
    Time(Duration),
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(most) => write!(f, "more than {most} bytes in all: --max-bytes reads more"),
            Self::Time(most) => {
                write!(f, "not read within {}: --max-time waits longer", humantime::format_duration(*most))
            }
        }
    }
}

/// What is left of the bounds.
#[derive(Debug)]
pub struct Account {
    bytes: u64,
    time: Duration,
    left: AtomicU64,
    until: Instant,
    spent: OnceLock<Spent>,
}

impl Account {
    /// Time counts from now.
    pub fn new(bounds: &Bounds) -> Self {
        let (Bytes(bytes), time) = (bounds.max_bytes, bounds.max_time);
        let now = Instant::now();
        // some centuries are for ever
        let until = now.checked_add(time).unwrap_or(now + Duration::from_secs(1 << 32));
        Self { bytes, time, left: AtomicU64::new(bytes), until, spent: OnceLock::new() }
    }

    /// When time is over.
    pub fn until(&self) -> Instant {
        self.until
    }

    /// Counts bytes that were read.
    ///
    /// # Errors
    /// They are too many.
    pub fn take(&self, bytes: u64) -> Result<(), Spent> {
        let taken =
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        taken.map(drop).map_err(|_| *self.spent.get_or_init(|| Spent::Bytes(self.bytes)))
    }

    /// Whether more may be read.
    ///
    /// # Errors
    /// A bound is reached.
    pub fn check(&self) -> Result<(), Spent> {
        match self.spent() {
            Some(spent) => Err(spent),
            None if Instant::now() >= self.until => Err(*self.spent.get_or_init(|| Spent::Time(self.time))),
            None => Ok(()),
        }
    }

    /// Which bound was reached.
    pub fn spent(&self) -> Option<Spent> {
        self.spent.get().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_bytes() {
        for (text, bytes) in [("0", 0), ("1024", 1024), ("3 KiB", 3072), ("4GiB", 4 << 30), ("1TiB", 1 << 40)]
        {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "GiB", "4GB", "-1", "1.5MiB", "99999999TiB", "18446744073709551616"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_spent_stays_spent() {
        let bounds = |bytes, time| Bounds { max_bytes: Bytes(bytes), max_time: time, allow_private: false };
        let account = Account::new(&bounds(10, Duration::from_secs(3600)));
        assert_eq!((account.take(10), account.check()), (Ok(()), Ok(())));
        assert_eq!(account.take(1), Err(Spent::Bytes(10)));
        assert_eq!((account.check(), account.spent()), (Err(Spent::Bytes(10)), Some(Spent::Bytes(10))));
        let account = Account::new(&bounds(10, Duration::ZERO));
        assert_eq!(account.check(), Err(Spent::Time(Duration::ZERO)));
        assert!(Account::new(&bounds(10, Duration::MAX)).check().is_ok());
    }
}
