//! `nada check`: whatever a playlist, a segment or both say, they are judged, and in bounds. The first bytes decide what
//! the rest is: a playlist, a segment, or a playlist whose every segment is the second half.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nada_check::{Check, Fetched, Inspected, Role, resolve};

const MULTIVARIANT: &[u8] =
    b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1,CODECS=\"mp4a.40.2\"\na/media.m3u8\n";

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    let half = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
    let (playlist, media) = rest.split_at(half);
    let media = media.get(1..).unwrap_or_default();
    let _ = Inspected::of(rest);
    let entry = if kind % 2 == 0 { playlist } else { MULTIVARIANT };
    let mut check = Check::new("main.m3u8", resolve);
    loop {
        let wanted = check.wanted();
        if wanted.is_empty() {
            break;
        }
        for wanted in &wanted {
            let bytes = match wanted.role {
                Role::Playlist if wanted.name == "main.m3u8" => entry,
                Role::Playlist => playlist,
                _ => media,
            };
            check.give(wanted, Ok(Fetched { bytes: bytes.to_vec(), delivery: None }));
        }
    }
    let findings = check.finish();
    assert!(findings.windows(2).all(|pair| pair[0].resource <= pair[1].resource));
});
