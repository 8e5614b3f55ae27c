//! A bound on the memory that samples take between the decoder and the encoders.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Bounds the bytes in use at once: a caller that wants more waits until some are given back.
#[derive(Debug, Clone)]
pub struct SampleBudget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: usize,
    out: Mutex<usize>,
    back: Condvar,
}

/// Bytes of a [`Budget`]; dropping it gives them back.
#[derive(Debug)]
pub struct Permit {
    from: Arc<Shared>,
    bytes: usize,
}

impl SampleBudget {
    /// A budget of `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Shared { limit, out: Mutex::new(0), back: Condvar::new() }))
    }

    /// Takes `bytes`, as soon as there are so many, or at once where none are out: what is larger than the
    /// whole budget goes alone.
    pub fn take(&self, bytes: usize) -> Permit {
        let shared = &self.0;
        let out = shared.out.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |out: &mut usize| *out > 0 && out.saturating_add(bytes) > shared.limit;
        let mut out = shared.back.wait_while(out, full).unwrap_or_else(PoisonError::into_inner);
        *out = out.saturating_add(bytes);
        Permit { from: Arc::clone(shared), bytes }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *self.from.out.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.from.back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use super::*;

    #[test]
    fn no_more_than_the_limit_is_out_at_once() {
        let (budget, out, most) = (SampleBudget::new(100), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for bytes in [40, 60, 70, 30] {
                let (budget, out, most) = (&budget, &out, &most);
                scope.spawn(move || {
                    for _ in 0..200 {
                        let _permit = budget.take(bytes);
                        most.fetch_max(out.fetch_add(bytes, Ordering::SeqCst) + bytes, Ordering::SeqCst);
                        thread::yield_now();
                        out.fetch_sub(bytes, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!((60..=100).contains(&most.into_inner()));
        // larger than the whole: alone
        drop(budget.take(1000));
        drop(budget.take(100));
    }
}
