//! How one read goes over the origins: which one is asked, when the next one is asked too, and which answer counts.
//! A host tells what happened and does what it is told.

use nada_catalog::Country;

use crate::{
    budget::Budget,
    origin::{FIRST_BYTE_MS, Origin, order, settles},
    read::{Extent, Read},
};

/// How long the last origin of all may take for its first byte, in milliseconds.
const LAST_MS: u64 = 3500;

/// One read's course over the origins. Each is asked once, and where all failed, the first that did once more, unless
/// it asked for time.
///
/// A silent origin is raced by the next while the [`Budget`] lasts. Beyond that it is given up for the next, so
/// that an origin that is down never takes a replica with it, and nobody asks twice at once.
#[derive(Debug)]
pub struct OriginSelection<'o> {
    origins: &'o [Origin],
    ahead: std::vec::IntoIter<&'o Origin>,
    running: usize,
    again: Option<&'o Origin>,
    retried: bool,
    absence_counts: bool,
    bytes: Option<Extent>,
    pause_ms: u64,
    /// Why each was asked last.
    asked: Vec<(&'o Origin, AskReason)>,
}

/// Why an origin is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AskReason {
    /// It is the first in the order.
    First,
    /// The one before is silent, and still may answer.
    Hedge,
    /// The one before failed, or was given up.
    Failover,
    /// All failed, this one first.
    Retry,
}

impl AskReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::First, Self::Hedge, Self::Failover, Self::Retry];

    /// `first`, `hedge`, `failover` or `retry`.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Hedge => "hedge",
            Self::Failover => "failover",
            Self::Retry => "retry",
        }
    }
}

/// What matters of the head of an origin's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AnswerHead<'a> {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Length`.
    pub content_length: Option<u64>,
    /// `Content-Range`.
    pub content_range: Option<&'a str>,
    /// `Content-Encoding`.
    pub content_encoding: Option<&'a str>,
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// `Retry-After` (RFC 9110 §10.2.3).
    pub retry_after: Option<&'a str>,
}

impl AnswerHead<'_> {
    /// Whether it is the head of what it says to be. S3, and what stands before it, speak of failures in XML or
    /// HTML, at times under status 200; nothing that is stored is either.
    fn is_plausible(&self) -> bool {
        let kind = self.content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let of_failures = ["application/xml", "text/xml", "text/html"];
        !(200..300).contains(&self.status) || !of_failures.iter().any(|one| kind.eq_ignore_ascii_case(one))
    }

    /// Whether the body is coded: then its lengths are not those of the object.
    pub(crate) fn is_coded(&self) -> bool {
        self.content_encoding.is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
    }

    /// Whether a success is one with these bytes, where they are known.
    fn fits(&self, bytes: Option<&Extent>) -> bool {
        !matches!(self.status, 200 | 206 | 416) || bytes.is_none_or(|bytes| bytes.is_given_by(self))
    }

    /// Whether the origin wants to be left alone for longer than a retry waits: any time but none.
    fn asks_for_time(&self) -> bool {
        self.retry_after.is_some_and(|value| value.trim() != "0")
    }
}

/// What a host does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'o> {
    /// The answer counts. What else runs is cancelled.
    Take,
    /// Ask this origin.
    Ask {
        /// The origin to ask.
        origin: &'o Origin,
        /// Not before so many milliseconds have passed.
        after_ms: u64,
        /// Cancel what runs first.
        alone: bool,
    },
    /// Go on waiting for what runs.
    Wait,
    /// No origin gives an answer.
    Over,
}

impl<'o> OriginSelection<'o> {
    /// A read of `read` by a request from `country`, served by `colo`. `jitter` is any number: it spreads
    /// retries over time.
    pub fn new(
        origins: &'o [Origin],
        read: &Read,
        colo: Option<&str>,
        country: Country,
        jitter: u64,
    ) -> Self {
        Self {
            origins,
            ahead: order(origins, read.source, colo, country).into_iter(),
            running: 0,
            again: None,
            retried: false,
            absence_counts: read.absence_counts,
            bytes: read.bytes.clone(),
            pause_ms: 50 + jitter % 100,
            asked: Vec::new(),
        }
    }

    /// The first step.
    pub fn start(&mut self, budget: &mut Budget) -> Step<'o> {
        budget.earn();
        self.next(AskReason::First, false).unwrap_or(Step::Over)
    }

    /// How long to wait for the first byte of an answer before [`OriginSelection::silent`] is told, in milliseconds from
    /// the last step.
    pub fn wait_ms(&self) -> u64 {
        if self.ahead.as_slice().is_empty() { LAST_MS } else { FIRST_BYTE_MS }
    }

    /// Nobody answered within [`OriginSelection::wait_ms`].
    pub fn silent(&mut self, budget: &mut Budget) -> Step<'o> {
        if self.ahead.as_slice().is_empty() {
            return Step::Over;
        }
        let alone = !budget.spend();
        self.next(if alone { AskReason::Failover } else { AskReason::Hedge }, alone).unwrap_or(Step::Over)
    }

    /// `origin` answered with this head, or failed: no connection, no whole body, nothing understood. The
    /// latter may be told of an answer that was taken, too.
    pub fn answered(
        &mut self,
        origin: &'o Origin,
        head: Option<AnswerHead<'_>>,
        budget: &mut Budget,
    ) -> Step<'o> {
        self.running = self.running.saturating_sub(1);
        let is_primary = self.is_primary(origin);
        let bytes = self.bytes.as_ref();
        let status = head.filter(|head| head.is_plausible() && head.fits(bytes)).map(|head| head.status);
        let absent = matches!(status, Some(403 | 404));
        if status.is_some_and(|status| settles(is_primary, status)) && (self.absence_counts || !absent) {
            self.running = 0;
            return Step::Take;
        }
        if !absent && !head.is_some_and(|head| head.asks_for_time()) {
            self.again.get_or_insert(origin);
        }
        if let Some(step) = self.next(AskReason::Failover, false) {
            return step;
        }
        if self.running > 0 {
            return Step::Wait;
        }
        match self.again.filter(|_| !self.retried && budget.spend()) {
            Some(origin) => {
                (self.retried, self.running) = (true, 1);
                self.asked.push((origin, AskReason::Retry));
                Step::Ask { origin, after_ms: self.pause_ms, alone: false }
            }
            None => Step::Over,
        }
    }

    /// Whether `origin` is the primary, whose word on absence counts.
    pub fn is_primary(&self, origin: &Origin) -> bool {
        self.origins.first().is_some_and(|primary| std::ptr::eq(primary, origin))
    }

    /// The place of `origin` in the configured list, from 1: how logs and clients know it.
    pub fn place(&self, origin: &Origin) -> Option<usize> {
        self.origins.iter().position(|known| std::ptr::eq(known, origin)).map(|index| index + 1)
    }

    /// Why `origin` was asked last; `None` where it was not.
    pub fn asked(&self, origin: &Origin) -> Option<AskReason> {
        self.asked.iter().rev().find(|(known, _)| std::ptr::eq(*known, origin)).map(|(_, asked)| *asked)
    }

    fn next(&mut self, asked: AskReason, alone: bool) -> Option<Step<'o>> {
        let origin = self.ahead.next()?;
        self.asked.push((origin, asked));
        self.running = if alone { 1 } else { self.running + 1 };
        Some(Step::Ask { origin, after_ms: 0, alone })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Source, Ttl};

    fn origins() -> Vec<Origin> {
        let origin = |name| Origin::new(name, "nada-demo", "r", true).unwrap();
        vec![origin("https://mumbai"), origin("https://jakarta").near(["ID".to_owned()])]
    }

    fn race(origins: &[Origin], source: Source, absence_counts: bool) -> OriginSelection<'_> {
        let key = "changes.json".parse().unwrap();
        let read = Read { key, query: None, ttl: Ttl::FRESH, source, absence_counts, bytes: None };
        OriginSelection::new(origins, &read, None, Country::from_code("ID"), 7)
    }

    fn ask(origin: &Origin, alone: bool) -> Step<'_> {
        Step::Ask { origin, after_ms: 0, alone }
    }

    fn status(status: u16) -> Option<AnswerHead<'static>> {
        Some(AnswerHead { status, ..AnswerHead::default() })
    }

    fn spent() -> Budget {
        let mut budget = Budget::default();
        while budget.spend() {}
        budget
    }

    #[test]
    fn a_silent_origin_is_raced_while_the_budget_lasts() {
        let list = origins();
        let (mumbai, jakarta) = (&list[0], &list[1]);
        let mut budget = Budget::default();
        let mut race = race(&list, Source::Nearest, true);
        assert_eq!(race.start(&mut budget), ask(jakarta, false));
        assert_eq!(race.wait_ms(), FIRST_BYTE_MS);
        assert_eq!(race.silent(&mut budget), ask(mumbai, false));
        // the hedge fails, the first still may answer
        assert_eq!(race.answered(mumbai, status(503), &mut budget), Step::Wait);
        assert_eq!(race.answered(jakarta, status(206), &mut budget), Step::Take);
        assert_eq!(
            (race.asked(jakarta), race.asked(mumbai)),
            (Some(AskReason::First), Some(AskReason::Hedge))
        );
    }

    #[test]
    fn beyond_the_budget_it_is_given_up() {
        let list = origins();
        let mut budget = spent();
        let mut race = race(&list, Source::Primary, true);
        assert_eq!(race.start(&mut budget), ask(&list[0], false));
        assert_eq!(race.silent(&mut budget), ask(&list[1], true));
        assert_eq!(race.wait_ms(), LAST_MS);
        assert_eq!(race.asked(&list[1]), Some(AskReason::Failover));
        assert_eq!(race.silent(&mut budget), Step::Over);
    }

    #[test]
    fn failing_over_costs_nothing_and_a_retry_does() {
        let list = origins();
        for (mut budget, retries) in [(Budget::default(), true), (spent(), false)] {
            let mut race = race(&list, Source::Primary, true);
            race.start(&mut budget);
            assert_eq!(race.answered(&list[0], status(503), &mut budget), ask(&list[1], false));
            assert_eq!(race.asked(&list[1]), Some(AskReason::Failover));
            let step = race.answered(&list[1], None, &mut budget);
            if !retries {
                assert_eq!(step, Step::Over);
                continue;
            }
            assert_eq!(step, Step::Ask { origin: &list[0], after_ms: 57, alone: false });
            assert_eq!(race.asked(&list[0]), Some(AskReason::Retry));
            assert_eq!(race.answered(&list[0], status(500), &mut budget), Step::Over);
        }
    }

    #[test]
    fn absence_is_the_primary_s_to_say_and_only_where_it_counts() {
        let list = origins();
        let mut budget = Budget::default();
        let mut far = race(&list, Source::Nearest, true);
        far.start(&mut budget);
        assert_eq!(far.answered(&list[1], status(403), &mut budget), ask(&list[0], false));
        assert_eq!(far.answered(&list[0], status(403), &mut budget), Step::Take);
        // a key that opens nothing at the primary is the primary's failure
        let mut denied = race(&list, Source::Primary, false);
        denied.start(&mut budget);
        assert_eq!(denied.answered(&list[0], status(403), &mut budget), ask(&list[1], false));
        assert_eq!(denied.answered(&list[1], status(200), &mut budget), Step::Take);
        let mut nowhere = race(&list, Source::Primary, false);
        nowhere.start(&mut budget);
        nowhere.answered(&list[0], status(403), &mut budget);
        assert_eq!(nowhere.answered(&list[1], status(403), &mut budget), Step::Over);
    }

    #[test]
    fn a_body_that_breaks_after_it_was_taken_is_read_elsewhere() {
        let list = origins();
        let mut budget = Budget::default();
        let mut race = race(&list, Source::Primary, true);
        race.start(&mut budget);
        assert_eq!(race.answered(&list[0], status(200), &mut budget), Step::Take);
        assert_eq!(race.answered(&list[0], None, &mut budget), ask(&list[1], false));
    }

    #[test]
    fn without_origins_it_is_over() {
        assert_eq!(race(&[], Source::Primary, true).start(&mut Budget::default()), Step::Over);
    }

    #[test]
    fn fault_1_an_origin_that_asks_for_time_is_not_asked_again() {
        let list = origins();
        let mut budget = Budget::default();
        let busy = |retry_after| {
            let content_type = Some("application/xml");
            Some(AnswerHead {
                status: 503,
                content_type,
                retry_after: Some(retry_after),
                ..AnswerHead::default()
            })
        };
        for (value, again) in
            [("0", true), ("1", false), ("120", false), ("Sun, 22 Nov 2026 10:00:00 GMT", false)]
        {
            let mut race = race(&list[..1], Source::Primary, true);
            race.start(&mut budget);
            let step = race.answered(&list[0], busy(value), &mut budget);
            assert_eq!(step != Step::Over, again, "{value}");
        }
        // then another that failed may be
        let mut race = race(&list, Source::Primary, true);
        race.start(&mut budget);
        race.answered(&list[0], busy("2"), &mut budget);
        let step = race.answered(&list[1], status(500), &mut budget);
        assert_eq!(step, Step::Ask { origin: &list[1], after_ms: 57, alone: false });
    }

    #[test]
    fn fault_2_an_error_under_status_200_is_a_failure() {
        let list = origins();
        let mut budget = Budget::default();
        for kind in ["application/xml", "Application/XML; charset=utf-8", "text/html"] {
            let mut race = race(&list, Source::Primary, true);
            race.start(&mut budget);
            let strange = AnswerHead { status: 200, content_type: Some(kind), ..AnswerHead::default() };
            assert_eq!(race.answered(&list[0], Some(strange), &mut budget), ask(&list[1], false), "{kind}");
            // what says no may say it in XML
            let denied = AnswerHead { status: 403, ..strange };
            assert_eq!(race.answered(&list[0], Some(denied), &mut budget), Step::Take);
        }
    }
}
