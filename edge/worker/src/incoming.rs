//! The request as values: read from JavaScript once, then lent to the decision.

use std::net::IpAddr;

use jiff::Timestamp;
use nada_edge::{Country, Request, RequestHeaders};
use worker::{js_sys, web_sys};

use crate::{
    fields::{Lines, RequestField},
    platform,
};

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
        let text = platform::request_lines(request);
        let lines = Lines::of::<RequestField>(&text)?;
        let owned = |field| lines.get(field).map(str::to_owned);
        Some(Self {
            method: owned(RequestField::Method)?,
            url: owned(RequestField::Url)?,
            range: owned(RequestField::Range),
            if_range: owned(RequestField::IfRange),
            if_none_match: owned(RequestField::IfNoneMatch),
            accept_encoding: owned(RequestField::AcceptEncoding),
            token: owned(RequestField::Token),
            cookie: owned(RequestField::Cookie),
            cmcd_request: owned(RequestField::CmcdRequest),
            cmcd_status: owned(RequestField::CmcdStatus),
            country: lines.get(RequestField::Country).map_or(Country::Unknown, Country::from_code),
            colo: owned(RequestField::Colo),
            id: owned(RequestField::Id),
            client: lines.get(RequestField::Client).and_then(|address| address.parse().ok()),
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
        let parts =
            self.url.split_once(':').and_then(|(scheme, rest)| Some((scheme, rest.strip_prefix("//")?)));
        let (scheme, rest) = parts.unwrap_or(("https", &self.url));
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
