//! Who gets a licence: method, route, scheme, query, token, revocation, manifest, withdrawal, rights, protection and ceiling, in
//! this order, with the codes of media.

use nada_catalog::{Manifest, Presentation, TrackId, rendition::Codec};
use nada_protection::{Protection, Tier};
use nada_token::Claims;

use super::{
    Licenses, clear_key::KeyGrant, forward::Forward, system::LicenseSystem, target::LicenseTarget,
    template::Entitlement,
};
use crate::{
    code::Code,
    credential::Query,
    decide::{authorised, heard, unreadable},
    drive::{MutableObjects, settled},
    freshness, headers,
    plan::{Decision, Response},
    problem::problem,
    read_so_far::ReadSoFar,
    render::page_file,
    request::{Config, Request},
};

/// The methods of a licence, and of the certificate.
const METHODS: &str = "OPTIONS, POST";
const CERTIFICATE_METHODS: &str = "GET, HEAD, OPTIONS";

/// Request fields a page may send (Fetch §3.3): the token, the media type, and PlayReady's action (SOAP 1.1 §6.1.1).
const ALLOWED: &str = "CTA-Common-Access-Token, Content-Type, SOAPAction";

/// A licence request whose token covers its route.
#[derive(Debug)]
pub struct AdmittedLicense<'a> {
    licenses: &'a Licenses,
    request: Request<'a>,
    track: TrackId,
    system: LicenseSystem,
    claims: Claims,
}

/// What to do. In each case but the first the request's body is read then, [`super::MOST_ASKED`] bytes of it at most; one
/// that is longer is answered by [`crate::unread`] with 413.
#[derive(Debug)]
pub enum LicensePlan {
    /// Answer with this; the body is of no interest.
    Respond(Response),
    /// Answer with what [`KeyGrant::answer`] makes of the body.
    Grant(KeyGrant),
    /// Send the body on to a licence server.
    Forward(Forward),
}

/// Judges a licence request by itself: method, route, scheme and token. No storage is asked.
///
/// # Errors
/// The answer, where no storage is needed for it. Its body may be [`crate::Body::Slice`], of
/// [`super::LicenseServers::certificate`].
pub fn admit<'a>(
    config: &Config,
    licenses: &'a Licenses,
    request: &Request<'a>,
) -> Result<AdmittedLicense<'a>, Box<Response>> {
    admission(config, licenses, request).map_err(Box::new)
}

fn admission<'a>(
    config: &Config,
    licenses: &'a Licenses,
    request: &Request<'a>,
) -> Result<AdmittedLicense<'a>, Response> {
    let target = LicenseTarget::parse(request.path);
    let methods = if target == Some(LicenseTarget::Certificate) { CERTIFICATE_METHODS } else { METHODS };
    if !methods.split(", ").any(|method| method == request.method) {
        let mut response = problem(Code::Method).without_body_if(request.method == "HEAD");
        response.headers.retain(|(name, _)| *name != "allow");
        response.headers.push(("allow", methods.to_owned()));
        return Err(response);
    }
    let target = target.ok_or_else(|| problem(Code::NotFound))?;
    if request.method == "OPTIONS" {
        return Err(Response::empty(204, headers::preflight_of(methods, ALLOWED)));
    }
    let LicenseTarget::License { track, system, token, path } = target else {
        return Err(certificate(licenses, request));
    };
    if request.scheme != "https" && !config.plain_http {
        return Err(problem(Code::HttpsRequired));
    }
    let query = Query::parse(request.query).map_err(problem)?;
    let claims = authorised(config, request, token, path, &query)?;
    if !licenses.has(system) {
        return Err(nothing("no licences of this system"));
    }
    Ok(AdmittedLicense { licenses, request: *request, track, system, claims })
}

/// What licences of a presentation are decided by: the comment before the keys of its first rendition that names any.
fn described(presentation: &Presentation) -> Option<&str> {
    let keys = presentation.renditions.iter().find_map(|rendition| rendition.session_keys.as_deref())?;
    // a presentation that names keys without it is protected all the same
    Some(keys.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default())
}

/// A denial that is no secret, since the token was judged.
fn nothing(why: &str) -> Response {
    problem(Code::NotFound).because(why.to_owned())
}

fn certificate(licenses: &Licenses, request: &Request<'_>) -> Response {
    let head = request.method == "HEAD";
    let Some(bytes) = licenses.servers.certificate() else {
        return problem(Code::NotFound).without_body_if(head);
    };
    let mut fields = headers::always();
    fields.push(("cache-control", "public, max-age=3600".to_owned()));
    page_file(bytes, "application/pkix-cert", fields, request)
}

impl AdmittedLicense<'_> {
    /// The plan for the request, and all that was read for it, which begins with what the host remembers: as
    /// [`crate::Admitted::plan`].
    pub fn plan(
        &self,
        remembered: ReadSoFar,
        objects: &impl MutableObjects,
    ) -> impl Future<Output = (LicensePlan, ReadSoFar)> {
        settled(remembered, self.request.now, objects, |known| self.decide(known))
    }

    /// Decides the request from what is known so far.
    pub fn decide(&self, known: &ReadSoFar) -> Decision<LicensePlan> {
        let standing = match freshness::standing(&self.track, known, self.request.now) {
            Ok(standing) => standing,
            Err(need) => return Decision::Need(need),
        };
        let heard = heard(&self.claims, &self.request, standing);
        let decided = heard.and_then(|(manifest, _)| self.entitled(&manifest));
        Decision::Plan(decided.unwrap_or_else(LicensePlan::Respond))
    }

    fn entitled(&self, manifest: &Manifest) -> Result<LicensePlan, Response> {
        let description = described(&manifest.presentation).ok_or_else(|| nothing("not protected"))?;
        let protection: Protection =
            description.parse().map_err(|_| unreadable(Code::OriginUnavailable, "protection"))?;
        let reached: Vec<Tier> = Tier::ALL.into_iter().filter(|tier| self.reaches(manifest, *tier)).collect();
        if reached.is_empty() {
            return Err(problem(Code::RenditionNotAllowed));
        }
        if let Some(server) = self.licenses.servers.of(self.system) {
            // the leeway for clocks lets no licence outlive its token
            let seconds = self.claims.exp.saturating_sub(self.request.now.as_second());
            if seconds <= 0 {
                return Err(problem(Code::TokenExpired));
            }
            let entitlement = Entitlement {
                track: &self.track,
                key_ids: reached.iter().map(|tier| protection.key_ids.of(*tier)).collect(),
                country: self.request.country,
                now: self.request.now.as_second(),
                expires: self.claims.exp,
            };
            let forward = Forward::new(self.system, server, &entitlement);
            return forward.map(LicensePlan::Forward).map_err(|why| {
                problem(Code::OriginUnavailable).because(format!("the licence server's settings: {why}"))
            });
        }
        // whoever protects without ClearKey does so in order that no key is given out
        let keys = self.licenses.keys.as_ref().filter(|_| protection.terms.clear_key);
        let keys = keys.ok_or_else(|| nothing("no ClearKey for this track"))?;
        Ok(LicensePlan::Grant(KeyGrant::new(&self.track, &protection, &reached, keys)))
    }

    /// Whether the token reaches a rendition of the tier.
    fn reaches(&self, manifest: &Manifest, tier: Tier) -> bool {
        manifest.presentation.renditions.iter().any(|rendition| {
            let lossless = rendition.name.codec() == Codec::Flac;
            lossless == (tier == Tier::Lossless)
                && self.claims.ceiling.is_none_or(|most| rendition.name.nominal_bits_per_second() <= most)
        })
    }
}
