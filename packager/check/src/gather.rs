//! Stage by stage from the entry playlist to everything it names: what is still wanted, and what was given.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    attributes::short,
    delivery::{self, Delivery},
    finding::{Finding, Findings},
    gathered::{Gathered, Key, Resolve},
    inspect::Inspected,
    judge,
    media::{Encryption, Range},
    multivariant::Multivariant,
    playlist::{self, PLAYLIST_BYTES, PlaylistContent, Variables},
    rule,
};

/// A larger resource is not read.
const RESOURCE_BYTES: u64 = 64 << 20;
/// Resources beyond are not asked for.
const RESOURCES: usize = 200_000;
/// Playlists are kept until all is judged: so many bytes of them in all, 64 MiB.
const PLAYLISTS_BYTES: u64 = 64 << 20;

/// A resource that is needed to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name: a URL, or a path within a folder.
    pub name: String,
    /// The part of it that is wanted; all of it if none.
    pub range: Option<Range>,
    /// What it is wanted for.
    pub role: Role,
    /// More bytes are not to be given.
    pub limit: u64,
    /// The playlist and line that name it.
    from: Option<(String, u32)>,
    hidden: bool,
}

/// What a resource is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A playlist.
    Playlist,
    /// A segment or an initialization section.
    Media,
    /// Session data.
    Data,
}

/// A resource, fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Its bytes, or those of the range that was wanted as far as it reaches; content codings are undone.
    pub bytes: Vec<u8>,
    /// How it was delivered, where it was by HTTP.
    pub delivery: Option<Delivery>,
}

/// Why a resource was not fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It is not there, or not to be had.
    #[error("{0}")]
    Missing(String),
    /// Nobody answers where it should be.
    #[error("{0}")]
    Unreachable(String),
    /// It lies where nothing is read.
    #[error("{0}")]
    Outside(String),
    /// It is larger than the limit.
    #[error("it is larger than {0} bytes, and not read")]
    TooLarge(u64),
    /// All that may be read of the presentation was read before.
    #[error("{0}")]
    Spent(String),
}

/// How resources are fetched.
pub trait Fetch {
    /// How a URI becomes a name here.
    fn resolve(&self) -> Resolve;

    /// Fetches each of `wanted`, in any order, and gives each as soon as it is there.
    fn fetch(&mut self, wanted: &[Wanted], give: &mut dyn FnMut(&Wanted, Result<Fetched, FetchError>));
}

/// A presentation on its way to judgement. It asks ([`Check::wanted`]), is given ([`Check::give`]) until it
/// asks no more, and judges ([`Check::finish`]).
///
/// ```
/// use nada_check::{Check, Fetched, resolve};
///
/// let mut check = Check::new("media.m3u8", resolve);
/// for wanted in check.wanted() {
///     let bytes = b"#EXTM3U\n#EXT-X-ENDLIST\n".to_vec();
///     check.give(&wanted, Ok(Fetched { bytes, delivery: None }));
/// }
/// let rules: Vec<_> = check.finish().iter().map(|found| found.rule.id).collect();
/// assert!(!rules.is_empty(), "it has no target duration and no segment");
/// ```
pub struct Check {
    gathered: Gathered,
    wanted: Vec<Wanted>,
    asked: BTreeSet<Key>,
    /// Resources of which a range was delivered.
    delivered: BTreeSet<String>,
    /// Bytes of the playlists that are kept.
    kept: u64,
    findings: Findings,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// By resource, line and rule.
    pub findings: Vec<Finding>,
    /// The playlists of which nothing was judged: the entry where no media was read at all, any other where not one of the
    /// segments it names was, unless they lie where nothing is read. What is missing is not among them: it breaks a MUST.
    pub unread: Vec<String>,
}

impl Check {
    /// Begins with the playlist called `entry`.
    pub fn new(entry: &str, resolve: Resolve) -> Self {
        let gathered = Gathered {
            entry: entry.to_owned(),
            resolve,
            playlists: BTreeMap::new(),
            resources: BTreeMap::new(),
        };
        let first = Wanted {
            name: entry.to_owned(),
            range: None,
            role: Role::Playlist,
            limit: PLAYLIST_BYTES,
            from: None,
            hidden: false,
        };
        let asked = BTreeSet::from([(entry.to_owned(), None)]);
        let delivered = BTreeSet::new();
        Self { gathered, wanted: vec![first], asked, delivered, kept: 0, findings: Findings::default() }
    }

    /// What is wanted now; empty when all is there.
    pub fn wanted(&mut self) -> Vec<Wanted> {
        std::mem::take(&mut self.wanted)
    }

    /// Takes a resource, or the reason why there is none.
    pub fn give(&mut self, wanted: &Wanted, given: Result<Fetched, FetchError>) {
        let name = wanted.name.as_str();
        let Fetched { bytes, delivery } = match given {
            Ok(fetched) => fetched,
            Err(fault) => return self.absent(wanted, &fault),
        };
        if bytes.len() as u64 > wanted.limit {
            return self.absent(wanted, &FetchError::TooLarge(wanted.limit));
        }
        match wanted.role {
            Role::Playlist if self.kept + bytes.len() as u64 > PLAYLISTS_BYTES => {
                let message = format!("playlists of more than {PLAYLISTS_BYTES} bytes in all are not read");
                self.absent(wanted, &FetchError::Spent(message));
            }
            Role::Playlist => {
                self.kept += bytes.len() as u64;
                delivery::playlist(name, delivery.as_ref(), wanted.from.is_none(), &mut self.findings);
                self.playlist(name, &bytes);
            }
            Role::Media => {
                let seen =
                    if wanted.hidden { Inspected::hidden(bytes.len() as u64) } else { Inspected::of(&bytes) };
                // many ranges of one file are one delivery
                if wanted.range.is_none() || self.delivered.insert(name.to_owned()) {
                    delivery::media(name, &seen.facts, delivery.as_ref(), &mut self.findings);
                }
                self.seen(wanted, seen);
            }
            Role::Data => {}
        }
    }

    /// Takes a segment or initialization section that was inspected before.
    pub(super) fn seen(&mut self, wanted: &Wanted, seen: Inspected) {
        if let Some(range) = wanted.range.filter(|range| range.length > seen.bytes) {
            let message = format!(
                "{} bytes from {} of {}: only {} are there",
                range.length, range.offset, wanted.name, seen.bytes
            );
            let (playlist, line) = self.place(wanted);
            self.findings.add(&rule::RANGE, &playlist, line, message);
        }
        self.gathered.resources.insert((wanted.name.clone(), wanted.range), seen);
    }

    fn place(&self, wanted: &Wanted) -> (String, Option<u32>) {
        match &wanted.from {
            Some((playlist, line)) => (playlist.clone(), Some(*line)),
            None => (wanted.name.clone(), None),
        }
    }

    fn absent(&mut self, wanted: &Wanted, fault: &FetchError) {
        let (playlist, line) = self.place(wanted);
        let rule = match fault {
            FetchError::Missing(_) | FetchError::Unreachable(_) => &rule::RESOURCE,
            FetchError::Outside(_) => &rule::OUTSIDE,
            FetchError::TooLarge(_) | FetchError::Spent(_) => &rule::LIMIT,
        };
        let message = match &wanted.from {
            Some(_) => format!("{}: {fault}", wanted.name),
            None => fault.to_string(),
        };
        self.findings.add(rule, &playlist, line, message);
    }

    fn want(&mut self, base: &str, line: u32, uri: &str, range: Option<Range>, role: Role, hidden: bool) {
        let name = match (self.gathered.resolve)(base, uri) {
            Ok(name) => name,
            Err(why) => {
                self.findings.add(
                    &rule::OUTSIDE,
                    base,
                    line,
                    format!("{} is not fetched: {why}", short(uri)),
                );
                return;
            }
        };
        if self.asked.len() >= RESOURCES {
            let message = format!("resources after {RESOURCES} are not read");
            self.findings.add(&rule::LIMIT, base, line, message);
        } else if self.asked.insert((name.clone(), range)) {
            let limit = if role == Role::Playlist { PLAYLIST_BYTES } else { RESOURCE_BYTES };
            let limit = range.map_or(limit, |range| range.length.min(limit));
            if range.is_some_and(|range| range.length > limit) {
                let message = format!("a range of more than {limit} bytes is not read");
                self.findings.add(&rule::LIMIT, base, line, message);
                return;
            }
            let from = Some((base.to_owned(), line));
            self.wanted.push(Wanted { name, range, role, limit, from, hidden });
        }
    }

    fn playlist(&mut self, name: &str, bytes: &[u8]) {
        let none = Variables::new();
        let entry = self.gathered.playlists.get(&self.gathered.entry);
        let imports = entry.map_or(&none, |entry| &entry.variables);
        let read = playlist::read(name, bytes, imports, &mut self.findings);
        match &read.kind {
            PlaylistContent::Multivariant(multivariant) if name == self.gathered.entry => {
                self.want_playlists(name, multivariant);
            }
            PlaylistContent::Multivariant(_) => {
                let message = "a multivariant playlist where a media playlist belongs";
                self.findings.add(&rule::MIXED, name, None, message);
            }
            PlaylistContent::Media(media) => {
                for map in &media.maps {
                    let hidden = map.encryption == Encryption::Whole;
                    self.want(name, map.line, &map.uri, map.range, Role::Media, hidden);
                }
                for segment in media.segments.iter().filter(|segment| !segment.gap) {
                    let hidden = segment.encryption == Encryption::Whole;
                    self.want(name, segment.line, &segment.uri, segment.range, Role::Media, hidden);
                }
            }
            PlaylistContent::Unclear => {}
        }
        self.gathered.playlists.insert(name.to_owned(), read);
    }

    fn want_playlists(&mut self, name: &str, multivariant: &Multivariant) {
        for variant in &multivariant.variants {
            if let Some(uri) = &variant.uri {
                self.want(name, variant.line, uri, None, Role::Playlist, false);
            }
        }
        for rendition in &multivariant.renditions {
            if let Some(uri) = rendition.attributes.get("URI") {
                self.want(name, rendition.line, uri, None, Role::Playlist, false);
            }
        }
        for (line, attributes) in &multivariant.session_data {
            if let Some(uri) = attributes.get("URI") {
                self.want(name, *line, uri, None, Role::Data, false);
            }
        }
    }

    /// Judges what was given: by resource, line and rule.
    pub fn finish(self) -> Vec<Finding> {
        self.judge().findings
    }

    /// [`Check::finish`], with what was left out.
    pub fn judge(mut self) -> Judgement {
        judge::all(&self.gathered, &mut self.findings);
        let unread = self.unread();
        Judgement { findings: self.findings.into_sorted(), unread }
    }

    fn unread(&self) -> Vec<String> {
        let Gathered { entry, playlists, resources, resolve } = &self.gathered;
        let mut unread = BTreeSet::new();
        let mut media = false;
        for (name, playlist) in playlists {
            let PlaylistContent::Media(playlist) = &playlist.kind else { continue };
            let mut segments = playlist.segments.iter().filter(|segment| !segment.gap).peekable();
            let named = segments.peek().is_some();
            let read = segments.any(|segment| {
                resolve(name, &segment.uri).is_ok_and(|uri| resources.contains_key(&(uri, segment.range)))
            });
            media |= read || !named;
            // subtitles, for example, may lie elsewhere
            if named && !read && !self.findings.has(&rule::OUTSIDE, name) {
                unread.insert(name.clone());
            }
        }
        let names_others =
            playlists.get(entry).is_none_or(|entry| !matches!(entry.kind, PlaylistContent::Unclear));
        if names_others && !media {
            unread.insert(entry.clone());
        }
        unread.into_iter().filter(|name| !self.findings.has(&rule::RESOURCE, name)).collect()
    }
}

/// Checks the presentation whose entry playlist is called `entry`, with everything it names.
///
/// ```
/// use nada_check::{FolderSource, run};
///
/// let folder = std::env::temp_dir().join(format!("nada-check-{}", std::process::id()));
/// std::fs::create_dir_all(&folder)?;
/// std::fs::write(folder.join("media.m3u8"), "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.m4s\n#EXT-X-ENDLIST\n")?;
/// let findings = run("media.m3u8", &mut FolderSource::new(&folder));
/// assert!(findings.iter().any(|found| found.resource == "media.m3u8" && found.line == Some(4)), "1.m4s is missing");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn run(entry: &str, fetch: &mut dyn Fetch) -> Vec<Finding> {
    judgement(entry, fetch).findings
}

/// [`run`], with what was left out.
pub fn judgement(entry: &str, fetch: &mut dyn Fetch) -> Judgement {
    let mut check = Check::new(entry, fetch.resolve());
    loop {
        let wanted = check.wanted();
        if wanted.is_empty() {
            return check.judge();
        }
        fetch.fetch(&wanted, &mut |wanted, given| check.give(wanted, given));
    }
}
