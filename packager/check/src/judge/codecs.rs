//! Codecs: what is stated, what initialization sections say, and what goes together.

use super::{
    super::{
        finding::Findings,
        gathered::Gathered,
        init::InitTrack,
        inspect::Facts,
        multivariant::Variant,
        rule::{self, Rule},
    },
    Measured, View,
};

/// Initialization sections by themselves.
pub(super) fn sections(gathered: &Gathered, findings: &mut Findings) {
    for ((name, _), seen) in &gathered.resources {
        let Facts::Init(init) = &seen.facts else { continue };
        let mut add = |rule: &'static Rule, message: String| findings.add(rule, name, None, message);
        let audio: Vec<&InitTrack> = init.tracks.iter().filter(|track| track.audio).collect();
        if audio.len() > 1 || init.cmaf && init.tracks.len() > 1 {
            add(&rule::ONE_TRAF, format!("{} tracks", init.tracks.len()));
        }
        for track in audio {
            if !track.loudness {
                add(&rule::LOUDNESS, "no ludt; loudness within the stream is not looked into".to_owned());
            }
            let rate = track.config.map_or(track.rate, |config| config.rate);
            if rate > 0 && track.timescale % rate != 0 {
                add(&rule::TIMESCALE, format!("{} for samples at {rate} Hz", track.timescale));
            }
            let Some(config) = track.config else { continue };
            // 16 bits of the sample entry hold no more; the core of SBR runs at half the rate
            let rates = [config.rate, config.rate / 2, config.rate & 0xffff];
            if !rates.contains(&track.rate) {
                add(
                    &rule::CONFIG,
                    format!("{} Hz, where its configuration says {}", track.rate, config.rate),
                );
            }
            let output = config.output_channels();
            if output.is_some_and(|output| u16::from(output) != track.channels)
                && track.channels != u16::from(config.channels)
            {
                let says = output.unwrap_or(0);
                add(
                    &rule::CONFIG,
                    format!("{} channels, where its configuration says {says}", track.channels),
                );
            }
        }
    }
}

pub(super) fn judge(view: &View<'_>, findings: &mut Findings) {
    let entry = view.entry();
    let variants = &view.multivariant.variants;
    for variant in variants.iter().filter(|variant| variant.attributes.has("CODECS")) {
        if let Some(parts) = view.parts(variant) {
            let parts: Vec<&Measured<'_>> = parts.into_iter().flatten().collect();
            stated(entry, variant, &parts, findings);
        }
    }
    let known = variants.iter().any(|variant| variant.attributes.has("CODECS"));
    let aac = |variant: &Variant| {
        variant.codecs().iter().any(|c| ["mp4a.40.2", "mp4a.40.5", "mp4a.40.29"].contains(c))
    };
    if known && !variants.iter().any(aac) {
        findings.add(&rule::STEREO_AAC, entry, None, "no variant has it in CODECS");
    }
    for rendition in &view.multivariant.renditions {
        let stated =
            rendition.attributes.get("CHANNELS").and_then(|text| text.split('/').next()?.parse::<u16>().ok());
        let Some(playlist) = rendition.attributes.get("URI").and_then(|uri| view.playlist(uri)) else {
            continue;
        };
        let Some(track) = playlist.tracks.iter().find(|track| track.audio) else { continue };
        let found =
            track.config.and_then(|config| config.output_channels()).map_or(track.channels, u16::from);
        if stated.is_some_and(|stated| stated != found) {
            let message = format!("CHANNELS says {}, the media has {found}", stated.unwrap_or(0));
            findings.add(&rule::CHANNELS, entry, rendition.line, message);
        }
    }
}

/// CODECS of one variant beside what was found in it.
fn stated(entry: &str, variant: &Variant, parts: &[&Measured<'_>], findings: &mut Findings) {
    let stated = variant.codecs();
    let tracks = || parts.iter().flat_map(|part| &part.tracks);
    let he = stated.iter().any(|codec| ["mp4a.40.5", "mp4a.40.29"].contains(codec));
    let plain =
        |track: &InitTrack| track.codec == "mp4a.40.2" && track.config.is_some_and(|c| !c.compatible_sbr);
    let implicit = he && !stated.contains(&"mp4a.40.2") && tracks().any(|track| plain(track));
    if implicit {
        let message = "CODECS says HE-AAC, the configuration plain AAC-LC";
        findings.add(&rule::EXPLICIT_SBR, entry, variant.line, message);
    }
    let loose = parts.iter().any(|part| !part.is_fragmented && !part.is_text && !part.bytes.is_empty());
    let fragmented = parts.iter().any(|part| part.is_fragmented);
    let bound = |codec: &&str| matches!(family(codec).as_str(), "flac" | "alac") || **codec == *"mp4a.40.42";
    if loose && !fragmented && stated.iter().any(bound) {
        let message = format!("{} outside of fMP4", stated.join(","));
        findings.add(&rule::ONLY_FMP4, entry, variant.line, message);
    }
    for found in parts.iter().flat_map(|part| &part.codecs) {
        let covered = stated.iter().any(|stated| covers(stated, found));
        let compatible =
            he && tracks().any(|t| t.codec == *found && t.config.is_some_and(|c| c.compatible_sbr));
        // encrypted tracks hide their codec, subtitles need not be named
        let named = !found.starts_with("enc") && !found.starts_with("wvtt") && !found.starts_with("stpp");
        if named && !covered && !compatible && !implicit {
            let message = format!("the media is {found}, CODECS says {}", stated.join(","));
            findings.add(&rule::CODECS_MATCH, entry, variant.line, message);
        }
    }
    if !parts.iter().all(|part| part.whole) || implicit || tracks().any(|track| track.encrypted()) {
        return;
    }
    for codec in &stated {
        let text = matches!(family(codec).as_str(), "wvtt" | "stpp");
        let mut found = parts.iter().flat_map(|part| &part.codecs);
        let compatible =
            codec.starts_with("mp4a.40.") && tracks().any(|t| t.config.is_some_and(|c| c.compatible_sbr));
        if !text && !compatible && !found.any(|found| covers(codec, found)) {
            let message = format!("CODECS says {codec}, which no media of the variant is");
            findings.add(&rule::CODECS_MATCH, entry, variant.line, message);
        }
    }
}

/// Whether what is stated names what was found: AAC to the digit where it comes in fMP4, others by family.
fn covers(stated: &str, found: &str) -> bool {
    match found {
        "mp4a" => stated.starts_with("mp4a."),
        // MPEG audio has names of its own
        "mp4a.6b" | "mp4a.69" => [found, "mp4a.40.34"].contains(&stated.to_ascii_lowercase().as_str()),
        _ if found.starts_with("mp4a.") => stated.eq_ignore_ascii_case(found),
        _ => family(stated) == family(found),
    }
}

/// The four-character code, in lower case.
fn family(codec: &str) -> String {
    codec.split('.').next().unwrap_or_default().to_ascii_lowercase()
}
