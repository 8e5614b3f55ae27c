//! The memory that stored objects take, held by the cache or by answers that their clients have yet to read.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;

/// A bound on bytes, and how many are taken.
#[derive(Debug)]
pub struct Memory {
    taken: AtomicU64,
    most: u64,
}

/// Bytes taken of the memory, until dropped.
#[derive(Debug)]
pub struct Taken {
    memory: Arc<Memory>,
    bytes: u64,
}

/// Bytes, and the memory that they take.
struct Held(Bytes, #[expect(dead_code, reason = "given back when the bytes are gone")] Taken);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Memory {
    /// A bound of so many bytes.
    pub fn new(most: u64) -> Arc<Self> {
        Arc::new(Self { taken: AtomicU64::default(), most })
    }

    /// Takes so many bytes of it; `None` where they are not free.
    pub fn take(self: &Arc<Self>, bytes: u64) -> Option<Taken> {
        let more = |taken: u64| taken.checked_add(bytes).filter(|all| *all <= self.most);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Taken { memory: Arc::clone(self), bytes })
    }
}

impl Taken {
    /// These bytes, which take that memory until the last copy of them is dropped.
    pub fn hold(self, bytes: impl Into<Bytes>) -> Bytes {
        Bytes::from_owner(Held(bytes.into(), self))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.memory.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_free_again_when_the_last_copy_is_gone() {
        let memory = Memory::new(10);
        let held = memory.take(6).unwrap().hold(vec![7; 6]);
        let part = held.slice(1..3);
        drop(held);
        assert_eq!(part.as_ref(), [7, 7]);
        assert!(memory.take(5).is_none());
        assert!(memory.take(u64::MAX).is_none());
        assert!(memory.take(4).is_some());
        drop(part);
        assert!(memory.take(10).is_some());
    }
}
