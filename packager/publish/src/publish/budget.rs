//! What is on its way to the store at once, over all tracks of a run.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::defect::Defect;

/// Bytes of objects that wait or are sent, at most: 16 MiB, four parts of the usual size.
const BYTES: usize = 16 << 20;
/// Semaphores count no further than their permits are many, so they count KiB.
const UNIT: usize = 1024;

/// Bounds memory by bytes, and connections by objects. Bytes are always taken first, so that nobody who has a connection
/// waits for them.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    bytes: Arc<Semaphore>,
    objects: Arc<Semaphore>,
}

/// Room for one object; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Room(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Budget {
    /// For `objects` sent at once.
    pub fn new(objects: usize) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { bytes: semaphore(BYTES / UNIT), objects: semaphore(objects.max(1)) }
    }

    /// Room for an object of `bytes` in memory, as soon as there is; one that is larger than all of it goes alone.
    pub async fn room(&self, bytes: usize) -> Result<Room, Defect> {
        let units = bytes.div_ceil(UNIT).clamp(1, BYTES / UNIT) as u32;
        Arc::clone(&self.bytes).acquire_many_owned(units).await.map(Room).map_err(Defect::Permits)
    }

    /// A connection for an object that has room.
    pub async fn connection(&self) -> Result<Room, Defect> {
        Arc::clone(&self.objects).acquire_owned().await.map(Room).map_err(Defect::Permits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_under_way_are_bounded_and_nothing_is_too_large() {
        let budget = Budget::new(3);
        let four = [4, 4, 4, 4].map(|mib| budget.room(mib << 20));
        let four = futures_util::future::join_all(four).await;
        assert!(four.iter().all(Result::is_ok));
        assert_eq!(budget.bytes.available_permits(), 0);
        drop(four);
        let large = budget.room(100 << 20).await.unwrap();
        assert_eq!(budget.bytes.available_permits(), 0);
        drop(large);
        let small = budget.room(0).await.unwrap();
        assert_eq!(budget.bytes.available_permits(), BYTES / UNIT - 1);
        drop(small);
    }
}
