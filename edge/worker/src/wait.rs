//! Waiting for the platform: for what a promise comes to, and for a time to pass. One callback, made once in an isolate,
//! tells of all of them by their numbers.
//!
//! `JsFuture` and `Delay` do the same with closures of their own for each, which the platform's garbage collector has to
//! watch: 5 % of the CPU of a segment, see `tests/bench/worker`.

use std::{
    cell::{Cell, RefCell},
    marker::PhantomData,
    mem,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use wasm_bindgen::prelude::*;
use worker::js_sys::Promise;

use crate::platform;

thread_local! {
    static WAITS: RefCell<Vec<(u32, Wait)>> = const { RefCell::new(Vec::new()) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// How far a wait is.
enum Wait {
    Open(Option<Waker>),
    Over(Result<JsValue, JsValue>),
}

/// A wait; dropped, it is of no interest any more.
#[derive(Debug)]
#[must_use]
pub struct Waiting<T> {
    number: u32,
    timer: Option<i32>,
    value: PhantomData<T>,
}

/// The value of a promise; an error is what it was rejected with.
pub fn settled<T>(promise: &Promise<T>) -> Waiting<T> {
    let number = open();
    platform::follow(promise.as_ref(), number);
    Waiting { number, timer: None, value: PhantomData }
}

/// Milliseconds, at least so many.
pub fn passed(ms: u32) -> Waiting<JsValue> {
    let number = open();
    Waiting { number, timer: Some(platform::after(number, ms)), value: PhantomData }
}

fn open() -> u32 {
    let number = LAST.get().wrapping_add(1);
    if LAST.replace(number) == 0 {
        let tell = Closure::<dyn Fn(u32, JsValue, bool)>::new(over);
        platform::tell(tell.as_ref());
        tell.forget();
    }
    WAITS.with_borrow_mut(|waits| waits.push((number, Wait::Open(None))));
    number
}

/// A wait is over.
fn over(number: u32, value: JsValue, well: bool) {
    let waker = WAITS.with_borrow_mut(|waits| {
        let (_, wait) = waits.iter_mut().find(|(other, _)| *other == number)?;
        match mem::replace(wait, Wait::Over(if well { Ok(value) } else { Err(value) })) {
            Wait::Open(waker) => waker,
            Wait::Over(_) => None,
        }
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl<T: JsCast> Future for Waiting<T> {
    type Output = Result<T, JsValue>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        WAITS.with_borrow_mut(|waits| {
            let Some(at) = waits.iter().position(|(number, _)| *number == self.number) else {
                return Poll::Pending;
            };
            if let (_, Wait::Open(waker)) = &mut waits[at] {
                *waker = Some(context.waker().clone());
                return Poll::Pending;
            }
            match waits.swap_remove(at).1 {
                Wait::Over(value) => Poll::Ready(value.map(JsCast::unchecked_into)),
                Wait::Open(_) => Poll::Pending,
            }
        })
    }
}

impl<T> Drop for Waiting<T> {
    fn drop(&mut self) {
        let open = WAITS.with_borrow_mut(|waits| {
            let at = waits.iter().position(|(number, _)| *number == self.number)?;
            Some(waits.swap_remove(at))
        });
        if let (Some(_), Some(timer)) = (open, self.timer) {
            platform::forget(timer);
        }
    }
}
