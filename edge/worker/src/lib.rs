#![doc = include_str!("../README.md")]

mod answer;
mod incoming;
mod log;
mod origins;
mod setup;

use futures_util::future::join_all;
use nada_edge::{Code, Decision, Known, Plan, Request, decide, problem};
use worker::{Context, Env, event, web_sys};

use crate::{
    answer::Answered,
    incoming::Incoming,
    origins::Origins,
    setup::{Setup, setup},
};

/// Answers one request. What goes wrong in here is an answer too: 500 `internal`.
#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, _context: Context) -> worker::Result<web_sys::Response> {
    let incoming = Incoming::read(&request);
    let setup = setup(&env);
    let answered = match respond(&incoming.request(), &setup).await {
        Ok(answered) => answered,
        Err(error) => answer::respond(problem(Code::Internal))?.because(&error),
    };
    log::line(&incoming.request(), &answered);
    Ok(answered.response)
}

async fn respond(request: &Request<'_>, setup: &Setup) -> worker::Result<Answered> {
    let origins = Origins { setup, country: request.country, now: request.now };
    let mut known = setup::remembered();
    let plan = loop {
        match decide(&setup.config, request, &known) {
            Decision::Plan(plan) => break plan,
            Decision::Need(fetches) => {
                let answers = join_all(fetches.iter().map(|fetch| origins.whole(&fetch.read))).await;
                for (fetch, answer) in fetches.iter().zip(&answers) {
                    known.put(fetch, request.now, answer.as_ref().map(origins::Whole::answer));
                }
            }
        }
    };
    setup::remember(&known);
    match plan {
        Plan::Respond(response) => answer::respond(response),
        Plan::Serve(serve) => match origins.head(&serve).await {
            Some(found) => answer::stream(&serve, found),
            None => answer::respond(serve.unavailable()),
        },
    }
}
