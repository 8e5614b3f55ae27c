//! One licence request: decided by `nada-edge`, its body read after that, its licence made or fetched.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use nada_edge::{
    Body, Code,
    license::{self, Forward, LicensePlan},
    problem, unread,
};
use tokio::time::timeout;

use crate::{
    host::{Host, Objects, Planned},
    license_servers::LicenseClient,
    wire::Content,
};

/// How long a client may take to send its body.
const ASKED: Duration = Duration::from_millis(license::ASKED_MS as u64);

impl Host {
    /// Answers what [`license::LicenseTarget`] knows the path of. The body is read when the licence is granted, and not before.
    pub(crate) async fn license(&self, request: &nada_edge::Request<'_>, body: Incoming) -> Planned {
        let licenses = &self.config().licenses;
        let admitted = match license::admit(&self.config().edge, licenses, request) {
            Ok(admitted) => admitted,
            Err(response) => {
                let certificate = licenses.servers.certificate().unwrap_or_default();
                let content = match response.body {
                    Body::Slice { .. } => Content::Held(Bytes::copy_from_slice(certificate)),
                    Body::Empty | Body::Text(_) | Body::Origin | Body::Pieces => Content::None,
                };
                return Planned::with(*response, content);
            }
        };
        let objects = Objects { objects: self.objects(), country: request.country };
        let (plan, read) = admitted.plan(self.objects().remembered(), &objects).await;
        self.objects().remember(&read);
        match plan {
            LicensePlan::Respond(response) => response.into(),
            LicensePlan::Grant(grant) => match asked(self.licenses(), body).await {
                Ok(body) => grant.answer(&body).into(),
                Err(response) => response.into(),
            },
            LicensePlan::Forward(forward) => match asked(self.licenses(), body).await {
                Ok(body) => forwarded(self.licenses(), &forward, body).await,
                Err(response) => response.into(),
            },
        }
    }
}

/// The body of a licence request, bounded in length, in time and by the memory for licences; else the answer.
async fn asked(licenses: &LicenseClient, body: Incoming) -> Result<Bytes, nada_edge::Response> {
    if body.size_hint().lower() > license::MOST_ASKED as u64 {
        return Err(unread(413));
    }
    let room = licenses.memory.take(license::MOST_ASKED as u64);
    let room = room.ok_or_else(|| problem(Code::OriginUnavailable))?;
    match timeout(ASKED, Limited::new(body, license::MOST_ASKED).collect()).await {
        Ok(Ok(body)) => Ok(room.hold(body.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(unread(413)),
        // cut short: nobody is there to be told
        Ok(Err(_)) => Err(unread(400)),
        Err(_) => Err(unread(408)),
    }
}

async fn forwarded(licenses: &LicenseClient, forward: &Forward, body: Bytes) -> Planned {
    match licenses.ask(forward, body).await {
        Ok((status, licence)) => {
            let response = forward.answer(status);
            match response.body {
                Body::Origin => Planned::with(response, Content::Whole(licence)),
                Body::Empty | Body::Text(_) | Body::Pieces | Body::Slice { .. } => response.into(),
            }
        }
        Err(why) => {
            tracing::warn!(%why, "a licence server failed");
            forward.unavailable(&why.to_string()).into()
        }
    }
}
