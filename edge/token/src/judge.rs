//! Whether a token's claims allow one request. Cheap and without state: run on every request.

use crate::claims::Claims;
use crate::refusal::{Reason, Refusal, Scope};
use crate::request::TokenRequest;
use std::net::IpAddr;

/// How far a clock may be off, in seconds, for `exp`, `nbf` and `iat`.
pub const LEEWAY: i64 = 60;

impl Claims {
    /// Judges one request: first time, then what the token is limited to.
    ///
    /// ```
    /// use nada_token::{Claims, Refusal, TokenRequest};
    ///
    /// let claims = Claims::for_track("INNDA2600001", 1_800_003_600);
    /// let path = "/t/INNDA2600001/multivariant.m3u8";
    /// let request = TokenRequest { now: 1_800_000_000, method: "GET", path, ..TokenRequest::default() };
    /// assert_eq!(claims.judge(&request), Ok(()));
    /// let late = TokenRequest { now: 1_900_000_000, ..request };
    /// assert_eq!(claims.judge(&late), Err(Refusal::Expired));
    /// ```
    ///
    /// # Errors
    /// The first limit that the request is outside of.
    pub fn judge(&self, asked: &TokenRequest<'_>) -> Result<(), Refusal> {
        let starts = [self.nbf, self.iat].into_iter().flatten().max();
        // times are at most 2⁵³, and `now` may be anything
        if starts.is_some_and(|start| asked.now < start.saturating_sub(LEEWAY)) {
            return Err(Refusal::Invalid(Reason::NotYet));
        }
        if asked.now >= self.exp.saturating_add(LEEWAY) {
            return Err(Refusal::Expired);
        }
        self.scope(asked).map_or(Ok(()), |scope| Err(Refusal::Scope(scope)))
    }

    fn scope(&self, asked: &TokenRequest<'_>) -> Option<Scope> {
        let is = |list: &[String], value: &str| list.iter().any(|item| item == value);
        let issuer = asked.issuer.is_none_or(|issuer| self.iss.as_deref() == Some(issuer));
        let audience = match asked.audience {
            Some(audience) => is(&self.aud, audience),
            None => self.aud.is_empty(),
        };
        let method = self.methods.is_empty() || is(&self.methods, asked.method);
        let country =
            self.countries.is_empty() || asked.country.is_some_and(|country| is(&self.countries, country));
        [
            (issuer, Scope::Issuer),
            (audience, Scope::Audience),
            (!self.uri.is_empty() && self.uri.iter().all(|rule| rule.holds(asked)), Scope::Uri),
            (method, Scope::Method),
            (country, Scope::Country),
            (self.networks.is_empty() || self.holds_client(asked.client), Scope::Network),
        ]
        .into_iter()
        .find_map(|(within, scope)| (!within).then_some(scope))
    }

    fn holds_client(&self, client: Option<IpAddr>) -> bool {
        // an IPv4 client on a dual-stack socket shows as ::ffff:a.b.c.d
        let Some(client) = client.map(|client| client.to_canonical()) else { return false };
        self.networks.iter().any(|network| network.contains(&client))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uri::{Match, Part, UriRule};

    const NOW: i64 = 1_800_000_000;

    fn asked() -> TokenRequest<'static> {
        TokenRequest {
            now: NOW,
            method: "GET",
            scheme: "https",
            host: "cdn.example",
            path: "/t/track1/multivariant.m3u8",
            country: Some("IN"),
            client: Some("192.0.2.7".parse().unwrap()),
            ..TokenRequest::default()
        }
    }

    fn claims() -> Claims {
        Claims::for_track("track1", NOW + 3600)
    }

    fn scope(claims: Claims, asked: TokenRequest<'_>) -> Option<Scope> {
        match claims.judge(&asked) {
            Ok(()) => None,
            Err(Refusal::Scope(scope)) => Some(scope),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn threats_13_and_14_time() {
        let at = |offset| Claims { exp: NOW + offset, ..claims() }.judge(&asked());
        assert_eq!(at(-61), Err(Refusal::Expired));
        assert_eq!(at(-60), Err(Refusal::Expired));
        assert_eq!(at(-59), Ok(()));
        assert_eq!(at(-30), Ok(()));
        assert_eq!(at(-300), Err(Refusal::Expired));
        assert_eq!(at((1 << 53) - NOW), Ok(()));
        let not_yet = Err(Refusal::Invalid(Reason::NotYet));
        for start in [|n| (Some(NOW + n), None), |n| (None, Some(NOW + n))] {
            let at = |offset| {
                let (nbf, iat) = start(offset);
                Claims { nbf, iat, ..claims() }.judge(&asked())
            };
            assert_eq!(at(61), not_yet);
            assert_eq!(at(60), Ok(()));
            assert_eq!(at(30), Ok(()));
            assert_eq!(at(300), not_yet);
            assert_eq!(at(-1_000_000), Ok(()));
        }
        for now in [i64::MIN, i64::MAX] {
            assert!(Claims { nbf: Some(0), ..claims() }.judge(&TokenRequest { now, ..asked() }).is_err());
        }
    }

    #[test]
    fn threat_15_another_track() {
        assert_eq!(scope(claims(), asked()), None);
        let other = TokenRequest { path: "/t/track10/multivariant.m3u8", ..asked() };
        assert_eq!(scope(claims(), other), Some(Scope::Uri));
        assert_eq!(scope(claims(), TokenRequest { path: "/t/track1/../x/a", ..asked() }), Some(Scope::Uri));
        assert_eq!(scope(Claims { uri: vec![], ..claims() }, asked()), Some(Scope::Uri));
    }

    #[test]
    fn all_rules_must_hold() {
        let mut both = claims();
        both.uri.push(UriRule { part: Part::Scheme, test: Match::Exact("https".into()) });
        assert_eq!(scope(both.clone(), asked()), None);
        assert_eq!(scope(both, TokenRequest { scheme: "http", ..asked() }), Some(Scope::Uri));
    }

    #[test]
    fn threat_17_methods() {
        let get = || Claims { methods: vec!["GET".into()], ..claims() };
        assert_eq!(scope(get(), asked()), None);
        for method in ["HEAD", "POST", "get", ""] {
            assert_eq!(scope(get(), TokenRequest { method, ..asked() }), Some(Scope::Method), "{method}");
        }
        assert_eq!(scope(claims(), TokenRequest { method: "HEAD", ..asked() }), None);
    }

    #[test]
    fn threat_18_networks() {
        let within = || Claims {
            networks: vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
            ..claims()
        };
        let from = |client: Option<&str>| {
            scope(within(), TokenRequest { client: client.map(|c| c.parse().unwrap()), ..asked() })
        };
        assert_eq!(from(Some("192.0.2.255")), None);
        assert_eq!(from(Some("::ffff:192.0.2.1")), None);
        assert_eq!(from(Some("2001:db8:ffff::1")), None);
        for outside in ["192.0.3.0", "2001:db9::1", "::ffff:192.0.3.1", "::"] {
            assert_eq!(from(Some(outside)), Some(Scope::Network), "{outside}");
        }
        assert_eq!(from(None), Some(Scope::Network));
    }

    #[test]
    fn threat_19_issuer_and_audience() {
        let token = || Claims { iss: Some("label-a".into()), aud: vec!["edge-a".into()], ..claims() };
        let here = |issuer, audience| TokenRequest { issuer, audience, ..asked() };
        assert_eq!(scope(token(), here(Some("label-a"), Some("edge-a"))), None);
        assert_eq!(scope(token(), here(None, Some("edge-a"))), None);
        assert_eq!(scope(token(), here(Some("label-b"), Some("edge-a"))), Some(Scope::Issuer));
        assert_eq!(scope(token(), here(Some("label-a"), Some("edge-b"))), Some(Scope::Audience));
        assert_eq!(scope(token(), here(Some("label-a"), None)), Some(Scope::Audience));
        assert_eq!(scope(claims(), here(Some("label-a"), None)), Some(Scope::Issuer));
        assert_eq!(scope(claims(), here(None, Some("edge-a"))), Some(Scope::Audience));
    }

    #[test]
    fn countries() {
        let india = || Claims { countries: vec!["IN".into(), "ID".into()], ..claims() };
        let from = |country| scope(india(), TokenRequest { country, ..asked() });
        assert_eq!(from(Some("ID")), None);
        for outside in [Some("US"), Some("in"), Some("XX"), Some("T1"), Some(""), None] {
            assert_eq!(from(outside), Some(Scope::Country), "{outside:?}");
        }
        assert_eq!(scope(claims(), TokenRequest { country: None, ..asked() }), None);
    }
}
