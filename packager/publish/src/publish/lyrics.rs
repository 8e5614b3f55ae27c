//! Lyrics from their files to ready files: one model, rendered on the media timeline, addressed by both.

use std::{fs, io, num::NonZeroU32, time::Duration};

use bytes::Bytes;
use hls_m3u8::{MediaPlaylist, MediaSegment, tags::ExtInf, types::PlaylistType};
use nada_catalog::{
    LayerKind, LayerTag, LyricsDigest, LyricsFile, LyricsForm, LyricsIndex, LyricsLayer, SyncUnit, Timeline,
};
use nada_lyrics::{
    Hint, Kind, LanguageTag, Layer, Lyrics, LyricsTimeline, Parsed, json, limit, lrc, romanize, ttml, vtt,
};
use nada_pipeline::regular;

use super::{defect::Defect, error::PublishError};
use crate::release_toml::{LyricsSource, Track};

/// Raised whenever the set of files, or the playlist among them, would come out differently.
const FILES: u32 = 2;

/// Lyrics ready to be stored: what the manifest says of them, and their files, `lyrics.json` last.
pub(super) struct RenderedLyrics {
    pub index: LyricsIndex,
    pub files: Vec<(LyricsFile, Bytes)>,
    /// What of the lyrics lies outside the track, for people.
    pub warnings: Vec<String>,
}

/// Reads the lyrics of a track, `None` where it has none, and says what had to be set right.
///
/// # Errors
/// If a file cannot be read, or is no lyrics.
pub fn read(track: &Track) -> Result<(Option<Lyrics>, Vec<String>), PublishError> {
    if track.lyrics.is_empty() {
        return Ok((None, Vec::new()));
    }
    let mut warnings = Vec::new();
    let read =
        track.lyrics.iter().map(|source| parse(source, &mut warnings)).collect::<Result<Vec<_>, _>>()?;
    let layers = layers(read, &track.lyrics, &mut warnings);
    let lyrics = Lyrics::new(layers).map_err(|source| PublishError::Lyrics {
        path: track.lyrics.first().map(|first| first.path.clone()).unwrap_or_default(),
        source,
    })?;
    let lyrics = pronounced(&lyrics, track.romanization).unwrap_or_else(|error| {
        warnings.push(format!("track {}: no pronunciation was made: {error}", track.id));
        lyrics
    });
    Ok((Some(lyrics.with_title(&track.title).with_artists(track.artists.clone())), warnings))
}

/// These lyrics with the pronunciation they lack. What is generated is part of the model, so it is part of the digest:
/// other rules of reading give other objects.
fn pronounced(lyrics: &Lyrics, romanization: Option<romanize::Scheme>) -> Result<Lyrics, nada_lyrics::Error> {
    let missing = match romanization {
        Some(scheme) => romanize::missing(lyrics, scheme)?,
        None => Vec::new(),
    };
    Lyrics::new(lyrics.layers().iter().cloned().chain(missing).collect())
}

/// The layers of all files, those that `release.toml` names first: of two in one language, the one that has a
/// file of its own is kept.
fn layers(read: Vec<Parsed>, sources: &[LyricsSource], warnings: &mut Vec<String>) -> Vec<Layer> {
    let (mut layers, mut within) = (Vec::new(), Vec::new());
    for (parsed, source) in read.into_iter().zip(sources) {
        layers.push(parsed.layer);
        within.extend(parsed.others.into_iter().map(|layer| (layer, &source.path)));
    }
    for (layer, path) in within {
        if layers.iter().any(|kept: &Layer| kept.lang() == layer.lang()) {
            let lang = layer.lang();
            warnings.push(format!("{}: its layer {lang} left out: another file has one", path.display()));
        } else {
            layers.push(layer);
        }
    }
    layers
}

fn parse(source: &LyricsSource, warnings: &mut Vec<String>) -> Result<Parsed, PublishError> {
    let LyricsSource { path, lang, kind } = source;
    let file = |source| PublishError::File { path: path.clone(), source };
    let refused = |source| PublishError::Lyrics { path: path.clone(), source };
    let bytes = regular::read(path, limit::FILE_BYTES as u64).map_err(|error| {
        if error.kind() != io::ErrorKind::FileTooLarge {
            return file(error);
        }
        let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
        let bytes = usize::try_from(length).unwrap_or(usize::MAX);
        refused(nada_lyrics::Error::TooLarge { bytes, limit: limit::FILE_BYTES })
    })?;
    let hint = Hint { lang: lang.clone(), kind: *kind };
    let parsed = nada_lyrics::parse(&bytes, &hint).map_err(refused)?;
    warnings.extend(parsed.warnings.iter().map(|warning| {
        let (line, column, message) = (warning.line, warning.column, &warning.message);
        format!("{}:{line}:{column}: {message}", path.display())
    }));
    Ok(parsed)
}

/// Renders lyrics on the media timeline of a presentation.
pub(super) fn render(lyrics: &Lyrics, timeline: Timeline) -> Result<RenderedLyrics, PublishError> {
    let rate = NonZeroU32::new(timeline.rate).ok_or(Defect::NoRate)?;
    let media = LyricsTimeline::media(timeline.priming, rate, timeline.samples);
    let digest = LyricsDigest::from_input(&[
        &lyrics.canonical_bytes(),
        &timeline.priming.to_be_bytes(),
        &timeline.samples.to_be_bytes(),
        &timeline.rate.to_be_bytes(),
        &nada_lyrics::FORMAT_VERSION.to_be_bytes(),
        &FILES.to_be_bytes(),
    ]);
    let (mut layers, mut files, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for layer in lyrics.layers() {
        warnings.extend(media.outside(layer).map(|outside| outside.to_string()));
        let tag: LayerTag = layer.lang().as_str().parse().map_err(Defect::Language)?;
        let mut file = |form, text: String| files.push((LyricsFile::Layer(tag.clone(), form), text.into()));
        file(LyricsForm::Json, json::write(lyrics, &media, Some(layer.lang())));
        file(LyricsForm::Lrc, lrc::write_titled(lyrics, layer, &media, lrc::Flavour::Enhanced));
        file(LyricsForm::Ttml, ttml::write(lyrics, &media, Some(layer.lang())));
        if layer.synced() {
            file(LyricsForm::Vtt, vtt::write(layer, &media));
            file(LyricsForm::Playlist, playlist(layer.lang(), timeline).map_err(Defect::Playlist)?);
        }
        layers.push(LyricsLayer {
            lang: tag,
            kind: kind(layer.kind()),
            name: layer.lang().display_name(),
            sync: sync(layer),
        });
    }
    files.push((LyricsFile::All, json::write(lyrics, &media, None).into()));
    Ok(RenderedLyrics { index: LyricsIndex { digest, layers }, files, warnings })
}

fn kind(kind: Kind) -> LayerKind {
    match kind {
        Kind::Main => LayerKind::Main,
        Kind::Translation => LayerKind::Translation,
        Kind::Pronunciation => LayerKind::Pronunciation,
    }
}

fn sync(layer: &Layer) -> SyncUnit {
    match (layer.synced(), layer.words_timed()) {
        (false, _) => SyncUnit::None,
        (true, false) => SyncUnit::Line,
        (true, true) => SyncUnit::Word,
    }
}

/// The media playlist of a WebVTT rendition: the whole track in one segment (RFC 8216 §3.5).
fn playlist(lang: &LanguageTag, timeline: Timeline) -> Result<String, hls_m3u8::Error> {
    let duration = Duration::from_millis(timeline.duration_ms());
    let mut segment = MediaSegment::builder();
    segment.duration(ExtInf::new(duration)).uri(format!("{lang}.vtt"));
    let playlist = MediaPlaylist::builder()
        .target_duration(Duration::from_secs(timeline.duration_ms().div_ceil(1000)))
        .playlist_type(PlaylistType::Vod)
        .has_end_list(true)
        .segments(vec![segment.build()?])
        .build()?;
    Ok(playlist.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMELINE: Timeline = Timeline { rate: 44_100, priming: 2048, samples: 441_000 };

    fn lyrics(text: &str) -> Lyrics {
        let hint = Hint { lang: "hi".parse().unwrap(), kind: Kind::Main };
        Lyrics::new(vec![nada_lyrics::parse(text.as_bytes(), &hint).unwrap().layer]).unwrap()
    }

    #[test]
    fn every_file_that_the_index_promises_is_there() {
        let rendered = render(&lyrics("[00:01.00]<00:01.00>क <00:02.00>ख\n"), TIMELINE).unwrap();
        assert_eq!(rendered.index.layers[0].sync, SyncUnit::Word);
        let names: Vec<String> = rendered.files.iter().map(|(file, _)| file.to_string()).collect();
        assert_eq!(names, ["hi.json", "hi.lrc", "hi.ttml", "hi.vtt", "hi.m3u8", "lyrics.json"]);
        assert!(rendered.files.iter().all(|(file, bytes)| rendered.index.has(file) && !bytes.is_empty()));
        let text = |i: usize| String::from_utf8(rendered.files[i].1.to_vec()).unwrap();
        assert!(text(2).contains("<p begin=\"00:00:01.046\" end=\"00:00:10.046\""), "{}", text(2));
        assert!(text(3).contains("00:00:01.046 -->"), "{}", text(3));
        assert_eq!(
            text(4),
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:11\n#EXT-X-PLAYLIST-TYPE:VOD\n\
             #EXTINF:10.046,\nhi.vtt\n#EXT-X-ENDLIST\n"
        );
    }

    #[test]
    fn a_missing_pronunciation_is_stored_beside_its_main_layer() {
        let lyrics = lyrics("[00:01.00]<00:01.00>दे<00:02.00>खना\n");
        let rendered = |scheme| render(&pronounced(&lyrics, scheme).unwrap(), TIMELINE).unwrap();
        let (without, readable) = (rendered(None), rendered(Some(romanize::Scheme::Readable)));
        let iso = rendered(Some(romanize::Scheme::Iso15919));
        let tags = |rendered: &RenderedLyrics| {
            rendered.index.layers.iter().map(|layer| layer.lang.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(tags(&without), ["hi"]);
        assert_eq!(tags(&readable), ["hi", "hi-Latn"]);
        assert_eq!(tags(&iso), ["hi", "hi-Latn-t-hi-deva-m0-iso"]);
        assert_eq!(
            (readable.index.layers[1].kind, readable.index.layers[1].sync),
            (LayerKind::Pronunciation, SyncUnit::Word)
        );
        let vtt = readable.files.iter().find(|(file, _)| file.to_string() == "hi-Latn.vtt").unwrap();
        assert!(String::from_utf8_lossy(&vtt.1).contains("<c>de</c><00:00:02.046><c>khna</c>"));
        assert_ne!(without.index.digest, readable.index.digest);
        assert_ne!(iso.index.digest, readable.index.digest);
    }

    #[test]
    fn a_pronunciation_that_cannot_be_is_left_out_with_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.hi.lrc");
        fs::write(&path, format!("[00:01.00]{}\n", "छ".repeat(limit::TEXT_BYTES / 3))).unwrap();
        let track = |romanization| Track {
            id: "t".parse().unwrap(),
            title: "T".to_owned(),
            artists: Vec::new(),
            audio: folder.path().join("a.flac"),
            lyrics: vec![LyricsSource { path: path.clone(), lang: "hi".parse().unwrap(), kind: Kind::Main }],
            artwork: None,
            rights: nada_catalog::Rights { territories: Vec::new() },
            romanization,
            recipe: crate::release_toml::Recipe::default(),
        };
        let (lyrics, warnings) = read(&track(Some(romanize::Scheme::Readable))).unwrap();
        assert_eq!(lyrics.unwrap().layers().len(), 1);
        assert!(warnings.len() == 1 && warnings[0].contains("no pronunciation was made"), "{warnings:?}");
        assert!(read(&track(None)).unwrap().1.is_empty());
    }

    #[test]
    fn what_lies_outside_the_track_is_named() {
        let rendered = render(&lyrics("[00:09.00]a\n[00:11.00]b\n"), TIMELINE).unwrap();
        assert_eq!(rendered.warnings.len(), 1);
        assert!(rendered.warnings[0].contains("outside the track: 1, the first \"b\" at 11000 ms"));
        assert!(render(&lyrics("[00:09.00]a\n"), TIMELINE).unwrap().warnings.is_empty());
    }

    #[test]
    fn a_file_may_hold_several_layers_and_one_of_its_own_wins() {
        let folder = tempfile::tempdir().unwrap();
        let line = |translated: &str, text: &str| {
            format!(
                "<tt><head><translation xml:lang=\"{translated}\"><text for=\"L1\">one</text></translation></head>\
                 <body><p begin=\"1\" itunes:key=\"L1\">{text}</p></body></tt>"
            )
        };
        let source = |name: &str, lang: &str, kind, text: &str| {
            fs::write(folder.path().join(name), text).unwrap();
            LyricsSource { path: folder.path().join(name), lang: lang.parse().unwrap(), kind }
        };
        let sources = [
            source("1.hi.ttml", "hi", Kind::Main, &line("en", "एक")),
            source("1.id.ttml", "id", Kind::Translation, &line("ms", "satu")),
            source("1.en.lrc", "en", Kind::Translation, "[00:01.00]ONE\n"),
        ];
        let mut warnings = Vec::new();
        let read = sources.iter().map(|source| parse(source, &mut warnings).unwrap()).collect();
        let layers = layers(read, &sources, &mut warnings);
        let texts: Vec<_> = layers.iter().map(|l| (l.lang().as_str(), l.lines()[0].text())).collect();
        assert_eq!(texts, [("hi", "एक"), ("id", "satu"), ("en", "ONE"), ("ms", "one")]);
        assert!(
            warnings.len() == 1 && warnings[0].ends_with("its layer en left out: another file has one"),
            "{warnings:?}"
        );
    }

    #[test]
    fn the_digest_depends_on_words_and_timeline() {
        let digest = |text, timeline| render(&lyrics(text), timeline).unwrap().index.digest;
        let one = digest("[00:01.00]क\n", TIMELINE);
        assert_eq!(one, digest("[00:01.00]क\n", TIMELINE));
        assert_ne!(one, digest("[00:01.01]क\n", TIMELINE));
        assert_ne!(one, digest("[00:01.00]क\n", Timeline { samples: 441_001, ..TIMELINE }));
    }
}
