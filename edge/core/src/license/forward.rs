//! Licence requests that are handed on, and what their answers are worth.

use super::{
    servers::LicenseServer,
    system::LicenseSystem,
    template::{Entitlement, TemplateError},
};
use crate::{
    code::Code,
    headers,
    plan::{Body, Response},
    problem::problem,
};

/// A request to a licence server: a POST of the client's body to [`Forward::url`] with [`Forward::headers`] and no other field
/// of the client's. Redirects are not followed, and an answer that is not there within [`super::ANSWERED_MS`] is none.
/// Its `Debug` shows neither, since both may hold secrets.
pub struct Forward {
    /// The address.
    pub url: String,
    /// Every header field to send but those of the protocol: lowercase name, value.
    pub headers: Vec<(String, String)>,
    system: LicenseSystem,
}

impl Forward {
    pub(super) fn new(
        system: LicenseSystem,
        server: &LicenseServer,
        entitlement: &Entitlement<'_>,
    ) -> Result<Self, TemplateError> {
        let mut headers = Vec::with_capacity(server.headers.len() + 1);
        for (name, template) in &server.headers {
            headers.push((name.clone(), template.fill(entitlement)?));
        }
        if !headers.iter().any(|(name, _)| name == "content-type") {
            headers.push(("content-type".to_owned(), system.asked_type().to_owned()));
        }
        Ok(Self { url: server.url.fill(entitlement)?, headers, system })
    }

    /// The answer to the client, by the status of the licence server's. Its body is [`Body::Origin`], all of it, where that is
    /// to be passed on: a licence, or why the server refuses one (4xx). Whatever else it says is a failure of it, as are its
    /// refusals of too many requests.
    pub fn answer(&self, status: u16) -> Response {
        let passed = match status {
            200..=299 => 200,
            408 | 425 | 429 => return self.unavailable(&format!("the licence server answered {status}")),
            400..=499 => status,
            _ => return self.unavailable(&format!("the licence server answered {status}")),
        };
        let mut all = headers::always();
        all.push(("content-type", self.system.answered_type().to_owned()));
        all.push(("cache-control", "no-store".to_owned()));
        let response = Response { body: Body::Origin, ..Response::empty(passed, all) };
        if passed == 200 {
            response
        } else {
            response.because(format!("the licence server answered {status}"))
        }
    }

    /// The answer where the licence server gave none that is whole, for a reason that the log should name.
    pub fn unavailable(&self, why: &str) -> Response {
        problem(Code::OriginUnavailable).because(why.to_owned())
    }
}

impl std::fmt::Debug for Forward {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Forward({:?})", self.system)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::license::LicenseServers;

    fn forward(headers: &str) -> Forward {
        let json = format!(r#"{{"playready":{{"url":"https://a.example/{{track}}","headers":{headers}}}}}"#);
        let servers = LicenseServers::from_json(&json).unwrap();
        let track = "a".parse().unwrap();
        let country = nada_catalog::Country::Unknown;
        let entitlement = Entitlement { track: &track, key_ids: Vec::new(), country, now: 0, expires: 1 };
        let system = LicenseSystem::PlayReady;
        Forward::new(system, servers.of(system).unwrap(), &entitlement).unwrap()
    }

    #[test]
    fn nothing_goes_out_but_what_is_configured() {
        let plain = forward("{}");
        assert_eq!(plain.url, "https://a.example/a");
        assert_eq!(plain.headers, [("content-type".to_owned(), "text/xml; charset=utf-8".to_owned())]);
        let own = forward(r#"{"content-type":"application/xml","x":"{seconds}"}"#);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(own.headers, [pair("content-type", "application/xml"), pair("x", "1")]);
        assert_eq!(format!("{own:?}"), "Forward(PlayReady)");
    }

    #[test]
    fn statuses_are_passed_on_where_they_are_the_client_s() {
        for (status, passed) in
            [(200, 200), (204, 200), (400, 400), (403, 403), (429, 503), (302, 503), (500, 503), (101, 503)]
        {
            let response = forward("{}").answer(status);
            assert_eq!(response.status, passed, "{status}");
            assert_eq!(response.body == Body::Origin, passed != 503);
            assert_eq!(response.header("cache-control"), Some("no-store"));
            assert_eq!(response.code, (passed == 503).then_some(Code::OriginUnavailable));
        }
    }
}
