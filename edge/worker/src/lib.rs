#![doc = include_str!("../README.md")]

mod answer;
mod fields;
mod incoming;
mod origins;
mod platform;
mod points;
mod setup;

use std::rc::Rc;

use nada_edge::{Cache, Code, Country, LogLine, Plan, Read, Response, Timing, admit, problem};
use worker::{Context, Env, event, web_sys};

use crate::{
    incoming::Incoming,
    origins::{OriginResponse, Origins},
    setup::Setup,
};

/// Answers one request. What goes wrong in here is an answer too: 500 `internal`.
#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> worker::Result<web_sys::Response> {
    let Some(incoming) = Incoming::read(&request) else {
        return Ok(answer::build(&problem(Code::BadRequest), None)?);
    };
    let asked = incoming.request();
    let setup = setup::of(&env).await;
    let mut planned = plan(&setup, &incoming).await;
    planned.timing.total_ms = incoming.elapsed_ms();
    let line = LogLine::new(incoming.id(), &asked, &planned.response, &planned.timing);
    worker::console_log!("{}", line.to_json());
    points::write(&setup.points, &line);
    if let Some(next) = planned.next {
        let (colo, country) = (incoming.colo().map(str::to_owned), asked.country);
        context.wait_until(warm(Rc::clone(&setup), colo, country, next));
    }
    let response = planned.response.timed(&planned.timing);
    Ok(answer::build(&response, planned.body).or_else(|error| {
        worker::console_error!("{error:?}");
        answer::build(&problem(Code::Internal), None)
    })?)
}

/// Reads into the cache what a player asks for next, while it has its answer already.
async fn warm(setup: Rc<Setup>, colo: Option<String>, country: Country, next: Read) {
    let origins = Origins { setup: &setup, colo: colo.as_deref(), country, now: incoming::now() };
    origins.warm(&next).await;
}

/// What to answer and to do.
struct Planned {
    response: Response,
    /// The origin's body, where that is the body.
    body: Option<web_sys::ReadableStream>,
    timing: Timing,
    /// What is worth warming.
    next: Option<Read>,
}

impl From<Response> for Planned {
    fn from(response: Response) -> Self {
        Self { response, body: None, timing: Timing::default(), next: None }
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
    let serve = match plan {
        Plan::Respond(response) => return response.into(),
        Plan::Serve(serve) => serve,
    };
    let before = incoming.elapsed_ms();
    let Some(taken) = origins.object(&serve.read, serve.origin_range()).await else {
        return serve.unavailable().into();
    };
    let OriginResponse { response: origin, head } = &taken.answer;
    let cache = Cache::of_status(head.cache_status.as_deref());
    let timing = Timing {
        cache,
        origin: Some(taken.place),
        asked: taken.asked,
        origin_ms: Some(incoming.elapsed_ms().saturating_sub(before)),
        total_ms: 0,
    };
    let (response, body) = answer::stream(&serve, head, origin);
    let next = serve.read_ahead(cache, &response).cloned();
    Planned { response, body, timing, next }
}
