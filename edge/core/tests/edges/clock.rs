//! A clock that stands still until everything waits for it: futures run on it at once, hours of waiting included.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

/// Milliseconds, and the futures that wait for each of them.
#[derive(Default)]
pub struct VirtualClock {
    ms: Cell<u64>,
    timers: RefCell<Vec<(u64, Waker)>>,
}

impl VirtualClock {
    /// Milliseconds that have passed.
    pub fn ms(&self) -> u64 {
        self.ms.get()
    }

    /// Waits so many milliseconds; for ever without a number.
    pub async fn pause(&self, ms: Option<u64>) {
        let Some(until) = ms.map(|ms| self.ms.get() + ms) else { return std::future::pending().await };
        std::future::poll_fn(|context| {
            if self.ms.get() >= until {
                return Poll::Ready(());
            }
            self.timers.borrow_mut().push((until, context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// Runs a future to its end.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return value;
            }
            let mut timers = self.timers.borrow_mut();
            let next = timers.iter().map(|(until, _)| *until).min().expect("all wait for ever");
            self.ms.set(next.max(self.ms.get()));
            timers.retain(|(until, waker)| {
                let due = *until <= next;
                if due {
                    waker.wake_by_ref();
                }
                !due
            });
        }
    }
}
