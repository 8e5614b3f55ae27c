#![doc = include_str!("../README.md")]

mod answer;
mod incoming;
mod origins;
mod setup;

use futures_util::future::join_all;
use nada_edge::{Answer, Code, Decision, LogLine, Plan, Response, admit, problem};
use worker::{Context, Env, event, web_sys};

use crate::{incoming::Incoming, origins::Origins, setup::Setup};

/// Answers one request. What goes wrong in here is an answer too: 500 `internal`.
#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, _context: Context) -> worker::Result<web_sys::Response> {
    let incoming = Incoming::read(&request);
    let asked = incoming.request();
    let setup = setup::of(&env);
    let (planned, body) = plan(&setup, &incoming).await;
    let line = LogLine::new(incoming.id(), &asked, &planned);
    worker::console_log!("{}", line.to_json());
    Ok(answer::build(&planned, body).or_else(|error| {
        worker::console_error!("{error:?}");
        answer::build(&problem(Code::Internal), None)
    })?)
}

/// What to answer, and the origin's body where that is the body.
async fn plan(setup: &Setup, incoming: &Incoming) -> (Response, Option<web_sys::ReadableStream>) {
    let request = incoming.request();
    let pass = match admit(&setup.config, &request) {
        Ok(pass) => pass,
        Err(response) => return (*response, None),
    };
    let origins = Origins { setup, colo: incoming.colo(), country: request.country, now: request.now };
    let mut known = setup::remembered();
    let plan = loop {
        match pass.decide(&known) {
            Decision::Plan(plan) => break plan,
            Decision::Need(fetches) => {
                let answers = join_all(fetches.iter().map(|fetch| origins.whole(&fetch.read))).await;
                for (fetch, whole) in fetches.iter().zip(&answers) {
                    let answer = whole.as_ref().map(|w| Answer { status: w.status, at: w.at, body: &w.body });
                    known.put(fetch, request.now, answer);
                }
            }
        }
    };
    setup::remember(&known);
    match plan {
        Plan::Respond(response) => (response, None),
        Plan::Serve(serve) => match origins.object(&serve).await {
            Some(found) => answer::stream(&serve, &found),
            None => (serve.unavailable(), None),
        },
    }
}
