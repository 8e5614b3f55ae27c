//! Execution of what the core decides: the course of one read over the origins, and that of one request to its plan. A
//! host says how to ask, to wait and to read a body; hosts and simulated networks run the same code.

use std::{borrow::Borrow, pin::pin};

use futures_util::future::{Either, select, select_all};
use jiff::Timestamp;

use crate::{
    budget::Budget,
    decide::Admitted,
    origin::Origin,
    origin_selection::{AnswerHead, AskReason, OriginSelection, Step},
    plan::{Decision, Plan},
    read::{Fetch, Read},
    read_so_far::ReadSoFar,
};

/// What a host does for one read.
#[expect(async_fn_in_trait, reason = "a host's futures are what its own executor takes")]
pub trait Platform {
    /// An origin's answer: its head, and a body yet to be read.
    type Answer;
    /// An answer whose body was read to its end.
    type Whole;
    /// Why an origin gave none.
    type Failure;

    /// Asks an origin, for the range if one is given. Dropped before its end, the request is cancelled.
    ///
    /// # Errors
    /// No answer came.
    async fn ask(
        &self,
        origin: &Origin,
        read: &Read,
        range: Option<&str>,
    ) -> Result<Self::Answer, Self::Failure>;

    /// The head of an answer.
    fn head<'a>(&self, answer: &'a Self::Answer) -> AnswerHead<'a>;

    /// Reads the body of an answer that counts.
    ///
    /// # Errors
    /// It is not there whole, in time and within its bounds.
    async fn whole(&self, taken: Taken<'_, Self::Answer>) -> Result<Self::Whole, Self::Failure>;

    /// Whether another origin's answer would fail in the same way.
    fn is_final(&self, _failure: &Self::Failure) -> bool {
        false
    }

    /// Waits so many milliseconds.
    async fn pause(&self, ms: u64);

    /// Takes from the budget that all reads of an isolate or a process share.
    fn with_budget<T>(&self, take: impl FnOnce(&mut Budget) -> T) -> T;

    /// Takes note of what happened.
    fn note(&self, read: &Read, event: ReadEvent<'_, Self::Answer, Self::Failure>);
}

/// An answer that counts, its body not read yet.
#[derive(Debug)]
pub struct Taken<'o, A> {
    /// The origin's answer.
    pub answer: A,
    /// The origin that gave it.
    pub origin: &'o Origin,
    /// The place of that origin in the configured list, from 1.
    pub place: usize,
    /// Whether that is the primary, whose word on absence counts.
    pub primary: bool,
    /// Why it was asked.
    pub asked: Option<AskReason>,
}

/// What happens to a read, for logs and metrics. Places are those of the configured list, from 1.
#[derive(Debug)]
pub enum ReadEvent<'o, A, F> {
    /// An origin is asked.
    Asked {
        /// The origin's place.
        place: usize,
        /// The reason why it is asked.
        reason: AskReason,
    },
    /// No first byte came in time.
    Silent,
    /// An answer came that does not count.
    PassedBy {
        /// The origin that gave it.
        origin: &'o Origin,
        /// The origin's place.
        place: usize,
        /// The answer, its body not read.
        answer: A,
    },
    /// No answer came, or no whole one that is understood.
    Failed {
        /// The origin that was asked.
        origin: &'o Origin,
        /// The origin's place.
        place: usize,
        /// What failed.
        failure: &'o F,
    },
}

/// One read over the origins.
#[derive(Debug)]
pub struct OriginReads<'r, 'o, P> {
    platform: &'r P,
    selection: OriginSelection<'o>,
    read: &'r Read,
    range: Option<&'r str>,
}

impl<'r, 'o, P: Platform> OriginReads<'r, 'o, P> {
    /// A read of `read`, or of a range of it, in the course that `selection` sets.
    pub fn new(
        platform: &'r P,
        selection: OriginSelection<'o>,
        read: &'r Read,
        range: Option<&'r str>,
    ) -> Self {
        Self { platform, selection, read, range }
    }

    /// The head that counts, with its body as it comes. `None` where no origin gives one.
    pub async fn head(mut self) -> Option<Taken<'o, P::Answer>> {
        let step = self.platform.with_budget(|budget| self.selection.start(budget));
        self.take(step).await
    }

    /// The first answer that is whole and that `understand` makes something of. `None` where no origin gives one.
    pub async fn whole<T>(
        mut self,
        mut understand: impl FnMut(P::Whole) -> Result<T, P::Failure>,
    ) -> Option<T> {
        let mut step = self.platform.with_budget(|budget| self.selection.start(budget));
        loop {
            let taken = self.take(step).await?;
            let (origin, place) = (taken.origin, taken.place);
            let failure = match self.platform.whole(taken).await.and_then(&mut understand) {
                Ok(understood) => return Some(understood),
                Err(failure) => failure,
            };
            self.platform.note(self.read, ReadEvent::Failed { origin, place, failure: &failure });
            if self.platform.is_final(&failure) {
                return None;
            }
            step = self.platform.with_budget(|budget| self.selection.answered(origin, None, budget));
        }
    }

    /// Goes on until an answer counts.
    async fn take(&mut self, mut step: Step<'o>) -> Option<Taken<'o, P::Answer>> {
        let Self { platform, selection, read, range } = self;
        let ask = async |origin: &'o Origin, after_ms| {
            if after_ms > 0 {
                platform.pause(after_ms).await;
            }
            (origin, platform.ask(origin, read, *range).await)
        };
        // one for each origin at most; those that lost are cancelled with it
        let mut running = Vec::new();
        loop {
            match step {
                Step::Ask { origin, after_ms, alone } => {
                    if alone {
                        running.clear();
                    }
                    if let (Some(place), Some(reason)) = (selection.place(origin), selection.asked(origin)) {
                        platform.note(read, ReadEvent::Asked { place, reason });
                    }
                    running.push(Box::pin(ask(origin, after_ms)));
                }
                Step::Wait | Step::Take => {}
                Step::Over => return None,
            }
            if running.is_empty() {
                return None;
            }
            let silence = pin!(platform.pause(selection.wait_ms()));
            let (origin, answer) = match select(select_all(running), silence).await {
                Either::Left(((answered, _, others), _)) => {
                    running = others;
                    answered
                }
                Either::Right((_, all)) => {
                    running = all.into_inner();
                    platform.note(read, ReadEvent::Silent);
                    step = platform.with_budget(|budget| selection.silent(budget));
                    continue;
                }
            };
            let head = answer.as_ref().ok().map(|answer| platform.head(answer));
            step = platform.with_budget(|budget| selection.answered(origin, head, budget));
            let place = selection.place(origin).unwrap_or_default();
            match answer {
                Ok(answer) if step == Step::Take => {
                    let (primary, asked) = (selection.is_primary(origin), selection.asked(origin));
                    return Some(Taken { answer, origin, place, primary, asked });
                }
                Ok(answer) => platform.note(read, ReadEvent::PassedBy { origin, place, answer }),
                Err(failure) => {
                    platform.note(read, ReadEvent::Failed { origin, place, failure: &failure });
                }
            }
        }
    }
}

/// Mutable objects as a host reads them, or keeps what it read.
#[expect(async_fn_in_trait, reason = "a host's futures are what its own executor takes")]
pub trait MutableObjects {
    /// What [`Fetch::understood`] made of an answer, perhaps shared with other requests.
    type Understood: Borrow<ReadSoFar>;

    /// Reads one. `None` where no origin gives an answer that is understood.
    async fn understood(&self, fetch: &Fetch) -> Option<Self::Understood>;
}

impl Admitted<'_> {
    /// The plan for the request, and all that was read for it, which begins with what the host remembers. What a round
    /// needs is read in parallel.
    pub fn plan(
        &self,
        remembered: ReadSoFar,
        objects: &impl MutableObjects,
    ) -> impl Future<Output = (Plan, ReadSoFar)> {
        settled(remembered, self.now(), objects, |known| self.decide(known))
    }
}

/// What `decide` comes to once it has been given all that it needs, and what was read for it.
pub(crate) async fn settled<P>(
    mut known: ReadSoFar,
    now: Timestamp,
    objects: &impl MutableObjects,
    decide: impl Fn(&ReadSoFar) -> Decision<P>,
) -> (P, ReadSoFar) {
    loop {
        let fetches = match decide(&known) {
            Decision::Plan(plan) => return (plan, known),
            Decision::Need(fetches) => fetches,
        };
        let read = async |fetch| (fetch, objects.understood(fetch).await);
        let mut running: Vec<_> = fetches.iter().map(|fetch| Box::pin(read(fetch))).collect();
        while !running.is_empty() {
            let ((fetch, understood), _, others) = select_all(running).await;
            match understood {
                Some(understood) => known.add(understood.borrow()),
                None => known.add(&fetch.failed(now)),
            }
            running = others;
        }
    }
}
