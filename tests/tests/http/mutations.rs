//! Tokens and requests changed by chance, with a seed: what was not minted opens nothing, no request is answered by a
//! fault of the host, what is served is what is stored, and HEAD says what GET says. `NADA_MUTATIONS` sets their number;
//! `tests/bench/attack/mutations` runs a hundred thousand.

use std::{collections::BTreeMap, env, io::Read as _};

use fastrand::Rng;
use flate2::read::GzDecoder;
use nada_tests::{
    catalogue::{TRACK, WORLD},
    client::HttpAnswer,
};
use nada_token::Claims;

use crate::world::{HostKind, World, now};

/// Mutations of each kind, unless a variable says otherwise.
const MUTATIONS: usize = 1000;

fn mutations() -> usize {
    env::var("NADA_MUTATIONS").ok().map_or(MUTATIONS, |number| number.parse().unwrap())
}

/// What a URL or a field may be mutated to: what tokens are made of, and what parsers trip over.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~!$&'()*+,;=:@%/";

/// One to four changes: a letter replaced, removed, added or in another case, a part cut off, doubled or taken from
/// another text.
fn mutate(rng: &mut Rng, text: &str, other: &str) -> String {
    let mut text = text.as_bytes().to_vec();
    for _ in 0..rng.usize(1..=4) {
        if text.is_empty() {
            break;
        }
        let (at, letter) = (rng.usize(..text.len()), LETTERS[rng.usize(..LETTERS.len())]);
        match rng.u8(..8) {
            0 | 1 => text[at] = letter,
            2 => text.insert(at, letter),
            3 => drop(text.remove(at)),
            4 => text[at] ^= 0x20 & if text[at].is_ascii_alphabetic() { 0xff } else { 0 },
            5 => text.truncate(at),
            6 => {
                let part = text[at..text.len().min(at + rng.usize(1..40))].to_vec();
                text.splice(at..at, part);
            }
            _ => {
                let from = rng.usize(..other.len());
                let part = other.as_bytes()[from..other.len().min(from + rng.usize(1..40))].to_vec();
                let to = text.len().min(at + part.len());
                text.splice(at..to, part);
            }
        }
    }
    String::from_utf8(text).unwrap()
}

/// What a mutated token may be answered with.
const REFUSED: [u16; 5] = [400, 401, 403, 404, 414];

pub async fn threats_4_to_13_mutated_tokens(world: &World) -> anyhow::Result<()> {
    let everything = Claims {
        sub: Some("listener".into()),
        cti: Some(vec![9; 16]),
        countries: vec!["IN".into(), "ID".into()],
        ceiling: Some(64_000),
        iat: Some(now()),
        ..Claims::for_track(TRACK, now() + 600)
    };
    let good = [world.token(TRACK), world.token(WORLD), world.sign(&everything)];
    for seed in 0..mutations() as u64 {
        let mut rng = Rng::with_seed(seed);
        let of = rng.usize(..good.len());
        let token = mutate(&mut rng, &good[of], &good[(of + 1) % good.len()]);
        if good.contains(&token) {
            continue;
        }
        let file = format!("/t/{TRACK}/track.json");
        let answer = match rng.u8(..4) {
            0 => world.ask("GET", &file, "IN", &[("cta-common-access-token", &token)]).await?,
            1 => world.ask("GET", &format!("{file}?CAT={token}"), "IN", &[]).await?,
            2 => world.ask("GET", &file, "IN", &[("cookie", &format!("CAT={token}"))]).await?,
            _ => world.get(&format!("/~{token}{file}")).await?,
        };
        let status = answer.status.as_u16();
        // a `&`, a `;` or a `/` in it may leave a whole token before it, of the same rights
        let whole = good.iter().any(|good| token.split(['&', ';', '/', ' ', '=']).any(|part| part == good));
        assert!(REFUSED.contains(&status) || whole, "seed {seed}: {token}: {answer:?}");
        let asked = world.read_keys();
        assert!(whole || asked.is_empty(), "seed {seed}: {token}: the origin was asked for {asked:?}");
    }
    Ok(())
}

/// The plain bodies of what is asked for, by path.
async fn stored(world: &World) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut all = BTreeMap::new();
    for file in ["multivariant.m3u8", "track.json", "lyrics.json"] {
        let path = world.path(TRACK, file);
        let body = world.get(&path).await?.body.to_vec();
        all.insert(path, body);
    }
    let media =
        ["media.m3u8", "init.mp4", "00001.m4s", "00002.m4s"].map(|file| world.media(TRACK, "aac-128", file));
    let files = ["aac-128.mp4", "start/aac-128.mp4"].map(|file| world.path(TRACK, file));
    for path in media.into_iter().chain(files) {
        let body = world.get(&path).await?.body.to_vec();
        all.insert(path, body);
    }
    Ok(all)
}

/// Fields that a host reads, each with values that it understands.
const FIELDS: [(&str, &[&str]); 8] = [
    ("range", &["bytes=0-1", "bytes=-5", "bytes=3-", "bytes=0-0,2-3", "bytes=9-1"]),
    ("if-range", &["\"x\"", "W/\"x\"", "Wed, 21 Oct 2015 07:28:00 GMT"]),
    ("if-none-match", &["*", "\"x\", W/\"y\"", "W/\"x\""]),
    ("if-modified-since", &["Wed, 21 Oct 2015 07:28:00 GMT"]),
    ("accept-encoding", &["gzip", "gzip;q=0", "br, gzip;q=0.5, *;q=0", "identity;q=0"]),
    ("cmcd-request", &["su", "bl=1000,mtp=2500", "nor=\"..%2fa\""]),
    ("cookie", &["CAT=a; CAT=b", "a=b;;=;"]),
    ("origin", &["null", "https://player.example"]),
];

pub async fn mutated_requests(world: &World) -> anyhow::Result<()> {
    let stored = stored(world).await?;
    let paths: Vec<&String> = stored.keys().collect();
    for seed in 0..mutations() as u64 {
        let mut rng = Rng::with_seed(seed);
        let mut path = paths[rng.usize(..paths.len())].clone();
        let mut whole = stored.get(&path);
        if rng.u8(..4) == 0 {
            let (token, file) = path.split_at(path[1..].find('/').unwrap() + 1);
            path = format!("{token}/{}", mutate(&mut rng, &file[1..], "/../track.json?lang=hi"));
            whole = stored.get(&path);
        }
        let mut fields = Vec::new();
        for _ in 0..rng.usize(..4) {
            let (name, values) = FIELDS[rng.usize(..FIELDS.len())];
            let value = values[rng.usize(..values.len())];
            let value =
                if rng.bool() { mutate(&mut rng, value, "bytes=1-2, \"*\"") } else { value.to_owned() };
            // the runner's stand-in for the platform negotiates by itself, and answers 415 where nothing is left
            let platform = world.kind == HostKind::Worker && name == "accept-encoding";
            fields.push((name, if platform { "gzip".to_owned() } else { value }));
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let get = world.ask("GET", &path, "IN", &fields).await?;
        let case = format!("seed {seed}: GET {path} {fields:?}: {}", get.status);
        assert!(get.status.as_u16() < 500, "{case}");
        assert_bytes(&get, whole, &case);
        let head = world.ask("HEAD", &path, "IN", &fields).await?;
        assert!(head.body.is_empty(), "{case}: HEAD has a body");
        // a range is for GET alone (RFC 9110 §14.2)
        if fields.iter().all(|(name, _)| *name != "range") {
            assert_eq!(head.status, get.status, "{case}");
            for name in ["etag", "content-type", "vary", "accept-ranges"] {
                assert_eq!(head.header(name), get.header(name), "{case}: {name}");
            }
            // a second may have passed
            let policy = |answer: &HttpAnswer| {
                answer.header("cache-control").replace(|c: char| c.is_ascii_digit(), "")
            };
            assert_eq!(policy(&head), policy(&get), "{case}");
        }
    }
    Ok(())
}

/// That bytes are those of the whole, or of the part that the answer says.
fn assert_bytes(answer: &HttpAnswer, whole: Option<&Vec<u8>>, case: &str) {
    let Some(whole) = whole else { return };
    // the runner's stand-in for the platform codes parts of JSON, too; a 304 has no body to decode
    let body = match answer.header("content-encoding").as_str() {
        "gzip" if !answer.body.is_empty() => {
            let mut plain = Vec::new();
            GzDecoder::new(&*answer.body).read_to_end(&mut plain).unwrap();
            plain
        }
        _ => answer.body.to_vec(),
    };
    match answer.status.as_u16() {
        200 => assert!(body == *whole, "{case}: other bytes, {:?}", answer.headers),
        206 => {
            let content_range = answer.header("content-range");
            let part = content_range.strip_prefix("bytes ").and_then(|part| part.split_once('/')).unwrap().0;
            let (first, last) = part.split_once('-').unwrap();
            let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
            assert!(whole.get(first..=last) == Some(&body), "{case}: other bytes in {content_range}");
        }
        304 => assert!(body.is_empty(), "{case}"),
        _ => assert_eq!(answer.header("content-type"), "application/problem+json", "{case}"),
    }
}
