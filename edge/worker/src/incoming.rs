//! The request as values: read from JavaScript once, then lent to the decision.

use std::net::IpAddr;

use jiff::Timestamp;
use nada_edge::{Country, Request, RequestHeaders};
use worker::{js_sys, web_sys};

use crate::platform::{self, Lines};

/// How many lines tell of a request.
const LINES: usize = 14;

/// One request, owned.
#[derive(Debug)]
pub struct Incoming {
    method: String,
    url: String,
    range: Option<String>,
    if_range: Option<String>,
    if_none_match: Option<String>,
    accept_encoding: Option<String>,
    token: Option<String>,
    cookie: Option<String>,
    cmcd_request: Option<String>,
    cmcd_status: Option<String>,
    country: Country,
    colo: Option<String>,
    id: Option<String>,
    client: Option<IpAddr>,
    now: Timestamp,
}

impl Incoming {
    /// Reads what matters. What the platform does not say is absent, never an error; `None` where a text has a
    /// line feed, which no HTTP has.
    pub fn read(request: &web_sys::Request) -> Option<Self> {
        let asked = platform::asked(request);
        let mut lines = Lines::of(&asked, LINES)?;
        let mut next = || lines.next().map(str::to_owned);
        Some(Self {
            method: next()?,
            url: next()?,
            range: next(),
            if_range: next(),
            if_none_match: next(),
            accept_encoding: next(),
            token: next(),
            cookie: next(),
            cmcd_request: next(),
            cmcd_status: next(),
            country: next().map_or(Country::Unknown, |code| Country::from_code(&code)),
            colo: next(),
            id: next(),
            // set by the platform, whatever the client sent
            client: next().and_then(|address| address.parse().ok()),
            now: now(),
        })
    }

    /// The colo that serves it.
    pub fn colo(&self) -> Option<&str> {
        self.colo.as_deref()
    }

    /// The platform's name for it.
    pub fn id(&self) -> &str {
        self.id.as_deref().unwrap_or("")
    }

    /// Milliseconds since it came, as the platform's clock has it.
    pub fn elapsed_ms(&self) -> u32 {
        u32::try_from(now().duration_since(self.now).as_millis()).unwrap_or(0)
    }

    /// The request as the decision sees it.
    pub fn request(&self) -> Request<'_> {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("https", &self.url));
        let (host, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        Request {
            method: &self.method,
            scheme,
            host,
            path,
            query,
            headers: RequestHeaders {
                range: self.range.as_deref(),
                if_range: self.if_range.as_deref(),
                if_none_match: self.if_none_match.as_deref(),
                accept_encoding: self.accept_encoding.as_deref(),
                token: self.token.as_deref(),
                cookie: self.cookie.as_deref(),
                cmcd_request: self.cmcd_request.as_deref(),
                cmcd_status: self.cmcd_status.as_deref(),
            },
            country: self.country,
            client: self.client,
            now: self.now,
        }
    }
}

/// The platform's clock, which stands still while no input arrives.
pub fn now() -> Timestamp {
    Timestamp::from_millisecond(js_sys::Date::now() as i64).unwrap_or(Timestamp::UNIX_EPOCH)
}
