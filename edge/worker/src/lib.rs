#![doc = include_str!("../README.md")]

mod answer;
mod fields;
mod incoming;
mod joined;
#[cfg(feature = "license")]
mod license;
mod origins;
mod platform;
mod points;
mod setup;

use std::{convert::Infallible, rc::Rc};

use nada_edge::{Cache, Code, Country, LogLine, Media, Plan, Read, Response, Timing, admit, problem};
use worker::{Context, Env, event, js_sys, web_sys};

use crate::{
    incoming::Incoming,
    joined::Joined,
    origins::{OriginResponse, Origins},
    setup::Setup,
};

/// Answers one request. What goes wrong in here is an answer too: 500 `internal`.
#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    context: Context,
) -> Result<web_sys::Response, Infallible> {
    let Some(incoming) = Incoming::read(&request) else {
        return Ok(built(&problem(Code::BadRequest), None));
    };
    let asked = incoming.request();
    let setup = setup::of(&env).await;
    #[cfg(feature = "license")]
    let mut planned = match license::concerns(&incoming) {
        true => license::plan(&setup, &env, &incoming, &request).await,
        false => plan(&setup, &incoming).await,
    };
    #[cfg(not(feature = "license"))]
    let mut planned = plan(&setup, &incoming).await;
    planned.timing.total_ms = incoming.elapsed_ms();
    let mut line = LogLine::new(incoming.id(), &asked, &planned.response, &planned.timing);
    if line.sample(setup.one_in, dice()) {
        worker::console_log!("{}", line.to_json());
        points::write(&setup.points, &line);
    }
    if planned.joined.is_some() || planned.next.is_some() {
        let place = (Rc::clone(&setup), incoming.colo().map(str::to_owned), asked.country);
        context.wait_until(beside(place, planned.joined, planned.next));
    }
    let response = planned.response.timed(&planned.timing).over(asked.scheme);
    Ok(built(&response, planned.body))
}

/// The platform's answer. One that it does not make is 500 `internal`, and should it not make that either, its own.
fn built(response: &Response, body: Option<web_sys::ReadableStream>) -> web_sys::Response {
    let internal = |error| {
        worker::console_error!("{error:?}");
        answer::build(&problem(Code::Internal), None)
    };
    answer::build(response, body).or_else(internal).unwrap_or_else(|_| web_sys::Response::error())
}

/// Any number.
fn dice() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}

/// What outlives a request of where it was answered.
type Place = (Rc<Setup>, Option<String>, Country);

/// What is done while the answer is sent: pours its body together, and reads into the cache what a player asks for next.
async fn beside((setup, colo, country): Place, joined: Option<Joined>, next: Option<Read>) {
    let origins = || Origins { setup: &setup, colo: colo.as_deref(), country, now: incoming::now() };
    if let Some(joined) = joined {
        joined.pour(origins).await;
    }
    if let Some(next) = next {
        origins().warm(&next).await;
    }
}

/// What to answer and to do.
struct Planned {
    response: Response,
    /// The origin's body, where that is the body.
    body: Option<web_sys::ReadableStream>,
    timing: Timing,
    /// What is worth warming.
    next: Option<Read>,
    /// What the body is poured together from, while it is sent.
    joined: Option<Joined>,
}

impl From<Response> for Planned {
    fn from(response: Response) -> Self {
        Self { response, body: None, timing: Timing::default(), next: None, joined: None }
    }
}

async fn plan(setup: &Setup, incoming: &Incoming) -> Planned {
    let request = incoming.request();
    let admitted = match admit(&setup.config, &request) {
        Ok(admitted) => admitted,
        Err(response) => return (*response).into(),
    };
    let origins = Origins { setup, colo: incoming.colo(), country: request.country, now: request.now };
    let (plan, read) = admitted.plan(setup::remembered(), &origins).await;
    setup::remember(&read);
    match plan {
        Plan::Respond(response) => response.into(),
        Plan::Serve(serve) => {
            let Some((taken, timing)) = open(&origins, incoming, &serve.read, serve.origin_range()).await
            else {
                return serve.unavailable().into();
            };
            let (response, body) = answer::stream(&serve, &taken.head, &taken.response);
            Planned { body, timing, ..response.into() }
        }
        Plan::Media(media) => {
            let opened = match media.pieces.first() {
                Some(first) => open(&origins, incoming, first, first.range()).await,
                None => None,
            };
            let Some((taken, timing)) = opened else { return media.unavailable().into() };
            if !taken.head.is_found() {
                origins::discard(&taken.response);
                return Planned { timing, ..media.absent().into() };
            }
            let first = taken.response.body();
            let Media { response, pieces, next, .. } = media;
            let joined = (pieces.len() > 1).then(|| Joined::of(pieces, first.clone()));
            let body = joined.as_ref().map(Joined::body).or(first);
            Planned { body, timing, next: next.map(|next| *next), joined, ..response.into() }
        }
    }
}

/// Begins to read what is answered with, and how that was come by.
async fn open(
    origins: &Origins<'_>,
    incoming: &Incoming,
    read: &Read,
    range: Option<String>,
) -> Option<(OriginResponse, Timing)> {
    let before = incoming.elapsed_ms();
    let taken = origins.object(read, range).await?;
    let timing = Timing {
        cache: Cache::of_status(taken.answer.head.cache_status.as_deref()),
        origin: Some(taken.place),
        asked: taken.asked,
        origin_ms: Some(incoming.elapsed_ms().saturating_sub(before)),
        total_ms: 0,
    };
    Some((taken.answer, timing))
}
