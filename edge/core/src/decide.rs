//! The decision: method, route, token, revocation, manifest, status, rights, existence, ceiling, in this order.
//! Nothing is asked of storage before the token was judged, and nothing is said of a track before its rights
//! were.

use std::sync::Arc;

use jiff::Timestamp;
use nada_catalog::{
    Access, Country, LayerTag, LyricsFile, LyricsForm, Manifest, ObjectKey, PresentationKind, RenditionFile,
    Status, TrackId, multivariant, rendition::Codec, rendition::RenditionName,
};
use nada_token::{Claims, Refusal, TokenRequest, split_authority, verify};

use crate::{
    code::Code,
    credential::{self, Query},
    freshness::{self, Standing},
    headers,
    plan::{Decision, Plan, Response, Serve},
    problem::problem,
    read_so_far::ReadSoFar,
    render,
    request::{Config, Request},
    route::{Route, Target, TrackFile},
};

/// A request whose token covers its route. [`Admitted::decide`] may be asked again as more is known, without the
/// cost of a signature.
#[derive(Debug)]
pub struct Admitted<'a> {
    request: Request<'a>,
    track: TrackId,
    file: TrackFile,
    /// In lowercase.
    lang: Option<LayerTag>,
    claims: Claims,
}

/// Judges a request by itself: method, route and token. No storage is asked.
///
/// # Errors
/// The answer, where no storage is needed for it: a denial, or one of the routes without a token.
pub fn admit<'a>(config: &Config, request: &Request<'a>) -> Result<Admitted<'a>, Box<Response>> {
    let head = request.method == "HEAD";
    admission(config, request).map_err(|response| Box::new(response.without_body_if(head)))
}

fn admission<'a>(config: &Config, request: &Request<'a>) -> Result<Admitted<'a>, Response> {
    if !["GET", "HEAD", "OPTIONS"].contains(&request.method) {
        return Err(problem(Code::Method));
    }
    let target = Target::parse(request.path).ok_or_else(|| problem(Code::NotFound))?;
    if request.method == "OPTIONS" {
        return Err(Response::empty(204, headers::preflight()));
    }
    let (track, file) = match target.route {
        Route::Health => return Err(render::line("ok")),
        Route::Version => return Err(render::line(&config.version)),
        Route::Track(track, file) => (track, file),
    };
    let query = Query::parse(request.query).map_err(problem)?;
    let lang = match (&file, query.lang) {
        (TrackFile::Lyrics, Some(lang)) => {
            // tags are compared without regard to case (RFC 5646 §2.1.1)
            Some(lang.to_ascii_lowercase().parse().map_err(|_| problem(Code::BadRequest))?)
        }
        _ => None,
    };
    let given = &request.headers;
    let token = credential::token(target.token, given.token, query.token, given.cookie);
    let token = token.map_err(problem)?.ok_or_else(|| problem(Code::TokenMissing))?;
    let keys = config.keys.as_ref().ok_or_else(|| unreadable(Code::OriginUnavailable, "keys"))?;
    let claims = verify(token, keys).map_err(refused)?;
    let (host, port) = split_authority(request.host).ok_or_else(|| problem(Code::BadRequest))?;
    let judged = TokenRequest {
        now: request.now.as_second(),
        method: request.method,
        scheme: request.scheme,
        host,
        port,
        path: target.path,
        country: match &request.country {
            Country::Known(_) => Some(request.country.code()),
            Country::Unknown => None,
        },
        client: request.client,
        issuer: config.issuer.as_deref(),
        audience: config.audience.as_deref(),
    };
    claims.judge(&judged).map_err(refused)?;
    Ok(Admitted { request: *request, track, file, lang, claims })
}

fn refused(refusal: Refusal) -> Response {
    let code = match refusal {
        Refusal::Invalid(_) => Code::TokenInvalid,
        Refusal::Expired => Code::TokenExpired,
        Refusal::Scope(_) => Code::TokenScope,
    };
    problem(code).because(refusal.to_string())
}

/// A denial for want of `what`, which the log should name.
fn unreadable(code: Code, what: &str) -> Response {
    let denial = problem(code);
    if code == Code::OriginUnavailable { denial.because(format!("{what} cannot be read")) } else { denial }
}

impl Admitted<'_> {
    /// When the request came.
    pub(crate) fn now(&self) -> Timestamp {
        self.request.now
    }

    /// Decides the request from what is known so far.
    pub fn decide(&self, known: &ReadSoFar) -> Decision {
        let standing = match freshness::standing(&self.track, known, self.request.now) {
            Ok(standing) => standing,
            Err(need) => return Decision::Need(need),
        };
        let head = self.request.method == "HEAD";
        Decision::Plan(match self.planned(standing) {
            Ok(Plan::Respond(response)) | Err(response) => Plan::Respond(response.without_body_if(head)),
            Ok(serve) => serve,
        })
    }

    fn planned(&self, standing: Standing) -> Result<Plan, Response> {
        let revocations = standing.revocations.map_err(|code| unreadable(code, "revocations"))?;
        let claims = &self.claims;
        if revocations.covers(claims.cti.as_deref(), claims.sub.as_deref(), claims.iat) {
            return Err(problem(Code::TokenInvalid).because("revoked".to_owned()));
        }
        let manifest = standing.manifest.map_err(|code| unreadable(code, "manifest"))?;
        self.may_be_heard(&manifest).map_err(problem)?;
        match &self.file {
            TrackFile::Multivariant(kind) => self.multivariant(&manifest, *kind),
            TrackFile::Info => Ok(Plan::Respond(render::track_info(&manifest, &self.request))),
            file @ (TrackFile::Media(..) | TrackFile::Lyrics | TrackFile::LyricsFile(..)) => {
                let key = self.key(file, &manifest).map_err(problem)?;
                self.serve(key, self.next(&manifest), standing.absent)
            }
        }
    }

    fn may_be_heard(&self, manifest: &Arc<Manifest>) -> Result<(), Code> {
        if manifest.status == Status::Withdrawn {
            return Err(Code::Withdrawn);
        }
        match manifest.rights.decide(self.request.country, self.request.now) {
            Access::Allowed => Ok(()),
            Access::WrongTerritory => Err(Code::Territory),
            Access::NotYet => Err(Code::NotYet),
            Access::Ended => Err(Code::Ended),
        }
    }

    fn multivariant(&self, manifest: &Manifest, kind: PresentationKind) -> Result<Plan, Response> {
        let presentation = &manifest.presentation;
        let lossless = kind == PresentationKind::Lossless;
        if !presentation.renditions.iter().any(|r| (r.name.codec() == Codec::Flac) == lossless) {
            return Err(problem(Code::NotFound));
        }
        let base = format!("{}/", presentation.version);
        let text = multivariant(presentation, manifest.lyrics.as_ref(), self.claims.ceiling, kind, &base);
        let text = text.ok_or_else(|| problem(Code::RenditionNotAllowed))?;
        Ok(Plan::Respond(render::playlist(text, &self.request)))
    }

    /// The object that a route names, where the manifest proves that it exists and the token reaches it.
    fn key(&self, file: &TrackFile, manifest: &Manifest) -> Result<ObjectKey, Code> {
        let track = || self.track.clone();
        match file {
            TrackFile::Media(version, rendition, file) => {
                if !manifest.has_media(version, *rendition, *file) {
                    return Err(Code::NotFound);
                }
                self.within_ceiling(*rendition)?;
                Ok(ObjectKey::Rendition(track(), version.clone(), *rendition, *file))
            }
            TrackFile::Lyrics => {
                let lyrics = manifest.lyrics.as_ref().ok_or(Code::NotFound)?;
                let file = match &self.lang {
                    None => LyricsFile::All,
                    // the layer's own spelling, so that it is one object however it is asked for
                    Some(lang) => {
                        let layer = lyrics.layer(lang).ok_or(Code::NotFound)?;
                        LyricsFile::Layer(layer.lang.clone(), LyricsForm::Json)
                    }
                };
                self.lyrics(&lyrics.digest, file, manifest)
            }
            TrackFile::LyricsFile(digest, file) => self.lyrics(digest, file.clone(), manifest),
            TrackFile::Multivariant(_) | TrackFile::Info => Err(Code::NotFound),
        }
    }

    fn lyrics(
        &self,
        digest: &nada_catalog::LyricsDigest,
        file: LyricsFile,
        manifest: &Manifest,
    ) -> Result<ObjectKey, Code> {
        let exists = manifest.has_lyrics(digest, &file);
        exists.then(|| ObjectKey::Lyrics(self.track.clone(), digest.clone(), file)).ok_or(Code::NotFound)
    }

    fn within_ceiling(&self, rendition: RenditionName) -> Result<(), Code> {
        let within = self.claims.ceiling.is_none_or(|most| rendition.nominal_bits_per_second() <= most);
        if within { Ok(()) } else { Err(Code::RenditionNotAllowed) }
    }

    /// The segment that a player asks for after this file, if there is one.
    fn next(&self, manifest: &Manifest) -> Option<ObjectKey> {
        let TrackFile::Media(version, rendition, file) = &self.file else { return None };
        let number = match file {
            RenditionFile::Segment(number) => number.checked_add(1)?,
            RenditionFile::Init => 1,
            RenditionFile::Playlist => return None,
        };
        let next = RenditionFile::Segment(number);
        let exists = manifest.has_media(version, *rendition, next);
        exists.then(|| ObjectKey::Rendition(self.track.clone(), version.clone(), *rendition, next))
    }

    fn serve(&self, key: ObjectKey, next: Option<ObjectKey>, absent: Code) -> Result<Plan, Response> {
        let seconds_left = self.claims.exp.saturating_sub(self.request.now.as_second());
        let policy = match self.file {
            // what the alias names may change
            TrackFile::Lyrics => nada_catalog::CachePolicy::Revalidate,
            TrackFile::Multivariant(_)
            | TrackFile::Media(..)
            | TrackFile::Info
            | TrackFile::LyricsFile(..) => key.served_policy(),
        };
        Ok(Serve::plan(key, next, policy.served(seconds_left), absent, &self.request))
    }
}
