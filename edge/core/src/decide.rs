//! The decision: method, route, scheme, token, revocation, manifest, status, rights, existence, ceiling, in this order.
//! Nothing is asked of storage before the token was judged, and nothing is said of a track before its rights
//! were.

use std::sync::Arc;

use jiff::Timestamp;
use nada_catalog::{
    Access, CachePolicy, Country, LayerTag, LyricsFile, LyricsForm, Manifest, ObjectKey, Presentation,
    PresentationKind, Rendition, RenditionFile, Status, TrackId, Version, multivariant, rendition::Codec,
    rendition::RenditionName,
};
use nada_token::{Claims, Refusal, TokenRequest, split_authority, verify};

use crate::{
    code::Code,
    credential::{self, Query},
    freshness::{self, Standing},
    headers,
    media::Resource,
    plan::{Decision, Plan, Response, Serve},
    problem::problem,
    read::{Fetch, Read, Source, Ttl},
    read_so_far::{ReadOutcome, ReadSoFar},
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
    /// The highest nominal bit rate to list, in bit/s.
    max: Option<u64>,
    claims: Claims,
}

/// Judges a request by itself: method, route, scheme and token. No storage is asked.
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
    if request.scheme != "https" && !config.plain_http {
        return Err(problem(Code::HttpsRequired));
    }
    let query = Query::parse(request.query).map_err(problem)?;
    let lang = match (&file, query.lang) {
        (TrackFile::Lyrics, Some(lang)) => {
            // tags are compared without regard to case (RFC 5646 §2.1.1)
            Some(lang.to_ascii_lowercase().parse().map_err(|_| problem(Code::BadRequest))?)
        }
        _ => None,
    };
    let max = match (&file, query.max) {
        (TrackFile::Multivariant(PresentationKind::Aac), Some(max)) => {
            Some(1000 * u64::from(max.parse::<u32>().map_err(|_| problem(Code::BadRequest))?))
        }
        _ => None,
    };
    let claims = authorised(config, request, target.token, target.path, &query)?;
    Ok(Admitted { request: *request, track, file, lang, max, claims })
}

/// What the token of a request says, where it is authentic and covers the request: `path` is the request's own without the
/// token, `in_path` the token that rode there.
pub(crate) fn authorised(
    config: &Config,
    request: &Request<'_>,
    in_path: Option<&str>,
    path: &str,
    query: &Query<'_>,
) -> Result<Claims, Response> {
    let given = &request.headers;
    let token = credential::token(in_path, given.token, query.token, given.cookie);
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
        path,
        country: match &request.country {
            Country::Known(_) => Some(request.country.code()),
            Country::Unknown => None,
        },
        client: request.client,
        issuer: config.issuer.as_deref(),
        audience: config.audience.as_deref(),
    };
    claims.judge(&judged).map_err(refused)?;
    Ok(claims)
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
pub(crate) fn unreadable(code: Code, what: &str) -> Response {
    let denial = problem(code);
    if code == Code::OriginUnavailable { denial.because(format!("{what} cannot be read")) } else { denial }
}

/// The manifest of a track that whoever made the request may hear, and what an object means that is absent at the origin.
pub(crate) fn heard(
    claims: &Claims,
    request: &Request<'_>,
    standing: Standing,
) -> Result<(Arc<Manifest>, Code), Response> {
    let revocations = standing.revocations.map_err(|code| unreadable(code, "revocations"))?;
    if revocations.covers(claims.cti.as_deref(), claims.sub.as_deref(), claims.iat) {
        return Err(problem(Code::TokenInvalid).because("revoked".to_owned()));
    }
    let manifest = standing.manifest.map_err(|code| unreadable(code, "manifest"))?;
    if manifest.status == Status::Withdrawn {
        return Err(problem(Code::Withdrawn));
    }
    match manifest.rights.decide(request.country, request.now) {
        Access::Allowed => Ok((manifest, standing.absent)),
        Access::WrongTerritory => Err(problem(Code::Territory)),
        Access::NotYet => Err(problem(Code::NotYet)),
        Access::Ended => Err(problem(Code::Ended)),
    }
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
        match self.planned(standing, known) {
            Ok(Decision::Plan(Plan::Respond(response))) | Err(response) => {
                Decision::Plan(Plan::Respond(response.without_body_if(head)))
            }
            Ok(decided) => decided,
        }
    }

    fn planned(&self, standing: Standing, known: &ReadSoFar) -> Result<Decision, Response> {
        let (manifest, absent) = heard(&self.claims, &self.request, standing)?;
        let (version, rendition) = match &self.file {
            TrackFile::Multivariant(kind) => return self.multivariant(&manifest, *kind).map(Decision::Plan),
            TrackFile::Info => {
                return Ok(Decision::Plan(Plan::Respond(render::track_info(&manifest, &self.request))));
            }
            TrackFile::Lyrics | TrackFile::LyricsFile(..) => {
                let key = self.lyrics_key(&manifest).map_err(problem)?;
                return Ok(Decision::Plan(self.serve(key, absent)));
            }
            TrackFile::Share => {
                return Ok(Decision::Plan(Plan::Respond(render::share_info(&manifest, &self.request))));
            }
            TrackFile::Artwork(..) | TrackFile::Clip(..) => {
                let key = self.picture_key(&manifest).map_err(problem)?;
                return Ok(Decision::Plan(self.serve(key, absent)));
            }
            TrackFile::Media(version, rendition, _) => (Some(version), *rendition),
            TrackFile::Whole(version, rendition) | TrackFile::Start(version, rendition) => {
                (version.as_ref(), *rendition)
            }
        };
        let presentation = match self.presentation(version, &manifest, known, absent)? {
            Known::Is(presentation) => presentation,
            Known::Read(fetch) => return Ok(Decision::Need(vec![fetch])),
        };
        let rendition = presentation.rendition(rendition).ok_or_else(|| problem(Code::NotFound))?;
        self.media(&presentation.version, rendition, absent).map(Decision::Plan).map_err(problem)
    }

    /// What a version consists of: the manifest says it of the current one, which is also what is asked for without a
    /// version, and a file of its own of each older one that the manifest keeps.
    fn presentation<'k>(
        &self,
        version: Option<&Version>,
        manifest: &'k Manifest,
        known: &'k ReadSoFar,
        absent: Code,
    ) -> Result<Known<'k>, Response> {
        let current = &manifest.presentation;
        let Some(version) = version.filter(|version| **version != current.version) else {
            return Ok(Known::Is(current));
        };
        if !manifest.keeps(version) {
            return Err(problem(Code::NotFound));
        }
        match known.presentation.first().map(|read| &read.outcome) {
            Some(ReadOutcome::Found(presentation)) => Ok(Known::Is(presentation)),
            Some(ReadOutcome::Absent) => Err(unreadable(absent, "presentation")),
            Some(ReadOutcome::Failed) => Err(unreadable(Code::OriginUnavailable, "presentation")),
            None => Ok(Known::Read(Fetch {
                read: Read {
                    key: ObjectKey::Presentation(self.track.clone(), version.clone()),
                    query: None,
                    ttl: Ttl::IMMUTABLE,
                    source: Source::Nearest,
                    absence_counts: absent == Code::NotFound,
                    bytes: None,
                },
            })),
        }
    }

    fn multivariant(&self, manifest: &Manifest, kind: PresentationKind) -> Result<Plan, Response> {
        let presentation = &manifest.presentation;
        let lossless = kind == PresentationKind::Lossless;
        if !presentation.renditions.iter().any(|r| (r.name.codec() == Codec::Flac) == lossless) {
            return Err(problem(Code::NotFound));
        }
        let base = format!("{}/", presentation.version);
        // a wish that nothing is low enough for is met by the lowest
        let lowest = || presentation.renditions.iter().map(|r| r.name.nominal_bits_per_second()).min();
        let max = self.max.max(self.max.and_then(|_| lowest()));
        let ceiling = [self.claims.ceiling, max].into_iter().flatten().min();
        let text = multivariant(presentation, manifest.lyrics.as_ref(), ceiling, kind, &base);
        let text = text.ok_or_else(|| problem(Code::RenditionNotAllowed))?;
        Ok(Plan::Respond(render::playlist(text, &self.request)))
    }

    /// The lyrics that a route names, where the manifest proves that they exist.
    fn lyrics_key(&self, manifest: &Manifest) -> Result<ObjectKey, Code> {
        let (digest, file) = match &self.file {
            TrackFile::LyricsFile(digest, file) => (digest, file.clone()),
            TrackFile::Multivariant(_)
            | TrackFile::Info
            | TrackFile::Lyrics
            | TrackFile::Media(..)
            | TrackFile::Whole(..)
            | TrackFile::Start(..)
            | TrackFile::Artwork(..)
            | TrackFile::Share
            | TrackFile::Clip(..) => {
                let lyrics = manifest.lyrics.as_ref().ok_or(Code::NotFound)?;
                let file = match &self.lang {
                    None => LyricsFile::All,
                    // the layer's own spelling, so that it is one object however it is asked for
                    Some(lang) => {
                        let layer = lyrics.layer(lang).ok_or(Code::NotFound)?;
                        LyricsFile::Layer(layer.lang.clone(), LyricsForm::Json)
                    }
                };
                (&lyrics.digest, file)
            }
        };
        let exists = manifest.has_lyrics(digest, &file);
        exists.then(|| ObjectKey::Lyrics(self.track.clone(), digest.clone(), file)).ok_or(Code::NotFound)
    }

    /// The picture or film that a route names, where the manifest names it and the rights share it.
    fn picture_key(&self, manifest: &Manifest) -> Result<ObjectKey, Code> {
        match &self.file {
            TrackFile::Artwork(size, format) => {
                let artwork = manifest.artwork.as_ref().filter(|artwork| artwork.has(*size, *format));
                let digest = artwork.ok_or(Code::NotFound)?.digest.clone();
                Ok(ObjectKey::Artwork(self.track.clone(), digest, *size, *format))
            }
            TrackFile::Clip(id, format) => {
                let clip = manifest.clip(id, *format).ok_or(Code::NotFound)?;
                let share = manifest.rights.share(self.request.country, self.request.now);
                let key = || ObjectKey::Clip(self.track.clone(), id.clone(), *format);
                clip.is_allowed(share).then(key).ok_or(Code::ShareNotAllowed)
            }
            TrackFile::Multivariant(_)
            | TrackFile::Media(..)
            | TrackFile::Whole(..)
            | TrackFile::Start(..)
            | TrackFile::Info
            | TrackFile::Lyrics
            | TrackFile::LyricsFile(..)
            | TrackFile::Share => Err(Code::NotFound),
        }
    }

    fn within_ceiling(&self, rendition: RenditionName) -> Result<(), Code> {
        let within = self.claims.ceiling.is_none_or(|most| rendition.nominal_bits_per_second() <= most);
        if within { Ok(()) } else { Err(Code::RenditionNotAllowed) }
    }

    /// A file of a rendition that exists, where the token reaches it.
    fn media(&self, version: &Version, rendition: &Rendition, absent: Code) -> Result<Plan, Code> {
        let (layout, name) = (&rendition.file, rendition.name);
        let (range, alias, path) = match &self.file {
            TrackFile::Media(_, _, RenditionFile::Playlist) => {
                self.within_ceiling(name)?;
                let key = ObjectKey::Playlist(self.track.clone(), version.clone(), name);
                return Ok(self.serve(key, absent));
            }
            TrackFile::Media(_, _, file) => (layout.range(*file), None, format!("{version}/{name}/{file}")),
            TrackFile::Start(asked, _) => {
                let alias = asked.is_none().then_some("../");
                (Some(layout.start()), alias, format!("{version}/start/{name}.mp4"))
            }
            TrackFile::Whole(asked, _) => {
                (Some(layout.whole()), asked.is_none().then_some(""), format!("{version}/{name}.mp4"))
            }
            TrackFile::Multivariant(_)
            | TrackFile::Info
            | TrackFile::Lyrics
            | TrackFile::LyricsFile(..)
            | TrackFile::Artwork(..)
            | TrackFile::Share
            | TrackFile::Clip(..) => return Err(Code::NotFound),
        };
        let range = range.ok_or(Code::NotFound)?;
        self.within_ceiling(name)?;
        let policy = if alias.is_some() { CachePolicy::Revalidate } else { CachePolicy::Immutable };
        let resource = Resource {
            track: &self.track,
            version,
            rendition: name,
            layout,
            range,
            path,
            alias,
            cache_control: policy.served(self.seconds_left()),
            absence: absent,
        };
        Ok(resource.plan(&self.request))
    }

    fn serve(&self, key: ObjectKey, absent: Code) -> Plan {
        // what the alias names may change
        let alias = matches!(self.file, TrackFile::Lyrics | TrackFile::Artwork(..));
        let policy = if alias { CachePolicy::Revalidate } else { key.served_policy() };
        Serve::plan(key, policy.served(self.seconds_left()), absent, &self.request)
    }

    fn seconds_left(&self) -> i64 {
        self.claims.exp.saturating_sub(self.request.now.as_second())
    }
}

/// What a version consists of, as far as it is known.
enum Known<'k> {
    Is(&'k Presentation),
    Read(Fetch),
}
