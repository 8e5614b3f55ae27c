//! Timeline and segments as independent decoders and parsers see them.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;

use nada_pipeline::{Execution, Ladder, PRIMING, Settings};
use support::{Files, ffmpeg_decode, lag, noise, package_in_memory, package_to_store, wav, write};

const LADDER: [(&str, u32, &str); 6] = [
    ("heaac2-24", 2048, "mp4a.40.29"),
    ("heaac2-32", 2048, "mp4a.40.29"),
    ("heaac-64", 2048, "mp4a.40.5"),
    ("aac-128", 1024, "mp4a.40.2"),
    ("aac-256", 1024, "mp4a.40.2"),
    ("flac", 4096, "fLaC"),
];

/// 20 seconds and 77 samples of noise at 44.1 kHz: four segments, the last of an odd length.
fn packaged(folder: &Path, rate: u32, smooth: f32) -> (Vec<f32>, nada_pipeline::Packaged, Files) {
    let source = noise(20 * rate as usize + 77, smooth);
    let path = folder.join("source.wav");
    wav(&path, rate, 2, &source);
    let (packaged, files) = package_in_memory(&path, &Settings::default()).unwrap();
    (source, packaged, files)
}

#[test]
fn ffmpeg_hears_the_source_at_sample_2048_of_every_rendition() {
    for rate in [44_100, 48_000] {
        let folder = tempfile::tempdir().unwrap();
        let (source, packaged, files) = packaged(folder.path(), rate, 0.8);
        write(&files, folder.path());
        let total = u64::from(PRIMING) + source.len() as u64;
        assert_eq!((packaged.timeline.rate, packaged.timeline.samples), (rate, source.len() as u64));
        for (name, frame, _) in LADDER {
            let [left, right] = ffmpeg_decode(&folder.path().join(name).join("media.m3u8"));
            // ffmpeg gives the last frame whole
            let length = left.len() as u64;
            assert!((total..total + u64::from(frame)).contains(&length), "{name}: {length} for {total}");
            let middle: Vec<f32> = left.iter().zip(&right).map(|(l, r)| (l + r) / 2.0).collect();
            for start in [0, 10 * rate as usize] {
                let found = lag(&source[start..], &middle[start..], PRIMING.into());
                assert!((found - i64::from(PRIMING)).abs() <= 1, "{name} at {rate} Hz: {found}");
            }
        }
    }
}

#[test]
fn boundaries_lie_on_the_same_samples_in_every_rendition() {
    let folder = tempfile::tempdir().unwrap();
    let (source, packaged, files) = packaged(folder.path(), 44_100, 0.0);
    let total = u64::from(PRIMING) + source.len() as u64;
    for (name, frame, _) in LADDER {
        let rendition = packaged.renditions.iter().find(|r| r.name.to_string() == name).unwrap();
        let init = &files[&format!("{name}/init.mp4")];
        let mut start = 0;
        for number in 1..=rendition.file.segments.count() {
            let segment = &files[&format!("{name}/{number:05}.m4s")];
            assert_eq!(&segment[4..8], b"moof", "no styp, no sidx");
            let mp4 = re_mp4::Mp4::read_bytes(&[init.as_slice(), segment.as_slice()].concat()).unwrap();
            assert!(mp4.moov.traks[0].edts.is_none(), "no edit list");
            assert_eq!(mp4.moov.traks[0].mdia.mdhd.timescale, 44_100);
            assert_eq!(mp4.moofs.len(), 1);
            assert_eq!(mp4.moofs[0].mfhd.sequence_number, number - 1);
            let traf = &mp4.moofs[0].trafs[0];
            assert_eq!(traf.tfhd.flags, 0x2_0000, "default-base-is-moof and nothing else");
            assert_eq!(traf.tfdt.as_ref().unwrap().base_media_decode_time, start);
            let trun = &traf.truns[0];
            let last = number == rendition.file.segments.count();
            assert_eq!(trun.flags, if last { 0x301 } else { 0x201 }, "durations in the last segment only");

            // offsets and sizes tile the mdat exactly, and durations the timeline
            let samples = &mp4.tracks()[&1].samples;
            let mut offset =
                (init.len() + segment.len()) as u64 - samples.iter().map(|s| s.size).sum::<u64>();
            for sample in samples {
                assert_eq!(sample.offset, offset);
                offset += sample.size;
            }
            let length = match last {
                true => trun.sample_durations.iter().map(|&d| u64::from(d)).sum(),
                false => u64::from(trun.sample_count) * u64::from(frame),
            };
            if !last {
                assert_eq!(length, if number == 1 { 131_072 } else { 262_144 });
            }
            start += length;
        }
        assert_eq!(start, total, "{name}");
    }
}

#[test]
fn playlists_say_what_the_bytes_are() {
    let folder = tempfile::tempdir().unwrap();
    let (source, packaged, files) = packaged(folder.path(), 44_100, 0.0);
    let seconds = (u64::from(PRIMING) + source.len() as u64) as f64 / 44_100.0;
    let mut durations = Vec::new();
    for (rendition, (name, _, codecs)) in packaged.renditions.iter().zip(LADDER) {
        let text = &files[&format!("{name}/media.m3u8")];
        let playlist = m3u8_rs::parse_media_playlist_res(text).unwrap();
        assert_eq!(playlist.version, Some(6));
        assert_eq!(playlist.target_duration, 6);
        assert_eq!(playlist.playlist_type, Some(m3u8_rs::MediaPlaylistType::Vod));
        assert!(playlist.end_list && playlist.independent_segments);
        assert_eq!(playlist.segments[0].map.as_ref().unwrap().uri, "init.mp4");
        assert_eq!(playlist.segments.len() as u32, rendition.file.segments.count());
        let mut bytes = 0;
        for (number, segment) in (1..).zip(&playlist.segments) {
            assert_eq!(segment.uri, format!("{number:05}.m4s"));
            bytes += files[&format!("{name}/{}", segment.uri)].len() as u64;
        }
        let sum: f64 = playlist.segments.iter().map(|s| f64::from(s.duration)).sum();
        assert!((sum - seconds).abs() < 1e-5, "{sum} for {seconds}");
        durations.push(playlist.segments.iter().map(|s| s.duration).collect::<Vec<_>>());

        // no more files than the playlist names
        assert_eq!(
            files.keys().filter(|key| key.starts_with(&format!("{name}/"))).count(),
            playlist.segments.len() + 2
        );
        assert_eq!(rendition.file.segments.sum(), bytes);
        let average = bytes as f64 * 8.0 / seconds;
        assert_eq!(rendition.average_bandwidth, average.ceil() as u64);
        assert_eq!(rendition.bandwidth, peak(&playlist, &files, name));
        if name != "flac" {
            let nominal = rendition.name.nominal_bits_per_second() as f64;
            assert!((average / nominal - 1.0).abs() < 0.1, "{name}: {average} bit/s");
        }
        assert!(rendition.bandwidth >= rendition.average_bandwidth);
        assert!((rendition.bandwidth as f64) < average * 1.2);
        assert_eq!(
            rendition.stream_inf,
            format!(
                "BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{codecs}\"",
                rendition.bandwidth, rendition.average_bandwidth
            )
        );
    }
    assert!(durations.windows(2).all(|pair| pair[0] == pair[1]));
}

/// BANDWIDTH counted again from the playlist and the bytes: the peak segment bit rate (RFC 8216 §4.1), over whole runs
/// of segments of 0.5 to 1.5 target durations.
fn peak(playlist: &m3u8_rs::MediaPlaylist, files: &Files, name: &str) -> u64 {
    // samples, not seconds, which the parser holds in single precision
    let segments: Vec<(f64, u64)> = playlist
        .segments
        .iter()
        .map(|s| {
            ((f64::from(s.duration) * 44_100.0).round(), files[&format!("{name}/{}", s.uri)].len() as u64)
        })
        .collect();
    let target = playlist.target_duration as f64 * 44_100.0;
    let runs = (0..segments.len()).flat_map(|from| (from..segments.len()).map(move |to| from..=to));
    let rates = runs.filter_map(|run| {
        let samples: f64 = segments[run.clone()].iter().map(|s| s.0).sum();
        let bytes: u64 = segments[run].iter().map(|s| s.1).sum();
        (0.5 * target..=1.5 * target)
            .contains(&samples)
            .then(|| (8.0 * bytes as f64 * 44_100.0 / samples).ceil() as u64)
    });
    rates.max().unwrap()
}

#[test]
fn containers_cost_little() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("source.wav");
    wav(&path, 44_100, 2, &noise(181 * 44_100, 0.8));
    let settings = Settings { ladder: "heaac2-32".parse().unwrap(), ..Settings::default() };
    let (_, files) = package_in_memory(&path, &settings).unwrap();
    let (mut all, mut media) = (0, 0);
    for (file, bytes) in &files {
        all += bytes.len();
        if file.ends_with(".m4s") {
            // moof, then mdat: what is in it is media (ISO/IEC 14496-12 §4.2, §8.1.1)
            let moof = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
            assert_eq!(&bytes[moof + 4..moof + 8], b"mdat");
            media += bytes.len() - moof - 8;
        }
    }
    let percent = 100.0 * (all - media) as f64 / media as f64;
    println!(
        "heaac2-32, 181 s: {media} bytes of media, {} of container and playlist, {percent:.2} %",
        all - media
    );
    assert!(percent <= 3.0, "{percent:.2} %");
}

#[test]
fn every_segment_starts_with_an_sbr_header() {
    let folder = tempfile::tempdir().unwrap();
    // 110 s: three chunks, which begin with segments 1, 10 and 18
    let path = folder.path().join("source.wav");
    wav(&path, 44_100, 2, &noise(110 * 44_100, 0.0));
    let ladder = "heaac2-24,heaac2-32,heaac-64".parse::<Ladder>().unwrap();
    let (packaged, files) = package_in_memory(&path, &Settings { ladder, ..Settings::default() }).unwrap();
    for (name, segments) in packaged.renditions.iter().map(|r| (r.name, r.file.segments.count())) {
        assert_eq!(segments, 19);
        let whole: Vec<u8> = std::iter::once(format!("{name}/init.mp4"))
            .chain((1..=segments).map(|number| format!("{name}/{number:05}.m4s")))
            .flat_map(|file| files[&file].clone())
            .collect();
        let path = folder.path().join("part.mp4");
        std::fs::write(&path, whole).unwrap();
        let [whole, _] = ffmpeg_decode(&path);
        let mut start = 0;
        for number in 2..=segments {
            start += if number == 2 { 131_072 } else { 262_144 };
            let alone = [
                files[&format!("{name}/init.mp4")].clone(),
                files[&format!("{name}/{number:05}.m4s")].clone(),
            ];
            std::fs::write(&path, alone.concat()).unwrap();
            let [alone, _] = ffmpeg_decode(&path);
            // from the second frame on the highs are as loud as in a decoder that came from the start
            for frame in 1..5 {
                let at = frame * 2048;
                let (a, b) = (highs(&alone[at..at + 2048]), highs(&whole[start + at..start + at + 2048]));
                let db = 10.0 * (a / b).log10();
                assert!(db.abs() < 3.0, "{name}, segment {number}, frame {frame}: {db:.1} dB");
            }
        }
    }
}

/// The energy near 10 kHz and above: a fourth difference lets through little below.
fn highs(samples: &[f32]) -> f64 {
    samples.windows(5).map(|w| f64::from(w[0] - 4.0 * w[1] + 6.0 * w[2] - 4.0 * w[3] + w[4]).powi(2)).sum()
}

#[test]
fn a_master_of_one_sample_is_packaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("click.wav");
    wav(&path, 48_000, 1, &[0.5]);
    let (packaged, files) = package_in_memory(&path, &Settings::default()).unwrap();
    assert_eq!((packaged.timeline.samples, packaged.loudness), (1, None));
    write(&files, folder.path());
    for (name, ..) in LADDER {
        let [left, _] = ffmpeg_decode(&folder.path().join(name).join("media.m3u8"));
        assert!(left.len() >= 2049);
    }
}

#[test]
fn mono_goes_into_both_channels_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mono.wav");
    let source = noise(48_000, 0.8);
    wav(&path, 48_000, 1, &source);
    let (packaged, files) = package_in_memory(&path, &Settings::default()).unwrap();
    write(&files, folder.path());
    for rendition in &packaged.renditions {
        assert_eq!(rendition.channels, 2);
        let name = rendition.name.to_string();
        let [left, right] = ffmpeg_decode(&folder.path().join(&name).join("media.m3u8"));
        let energy = |samples: &[f32]| samples.iter().map(|s| f64::from(s * s)).sum::<f64>();
        let difference: Vec<f32> = left.iter().zip(&right).map(|(l, r)| l - r).collect();
        assert!(energy(&difference) < 1e-3 * energy(&left), "{name}");
        let found = lag(&source, &right, PRIMING.into());
        assert!((found - i64::from(PRIMING)).abs() <= 1, "{name}: {found}");
    }
}

/// 100 s: two chunks of AAC, and what is left.
#[test]
fn bytes_do_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("source.wav");
    wav(&path, 44_100, 2, &noise(100 * 44_100, 0.5));
    let settings = Settings { part_size: "128KiB".parse().unwrap(), ..Settings::default() };
    let with = |threads: usize| {
        let execution = Execution { threads: threads.try_into().unwrap(), ..Execution::default() };
        let (packaged, mut files) = package_to_store(&path, &settings, &execution).unwrap();
        files.sort_by_key(|file| (file.rendition, format!("{:?}", file.file)));
        (packaged, files)
    };
    let one = with(1);
    assert!(one.1.len() > 3 * one.0.renditions.len(), "several parts each");
    for threads in [2, 5] {
        assert!(one == with(threads), "{threads} threads");
    }
}

#[test]
fn bytes_depend_on_source_and_settings_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("source.wav");
    wav(&path, 44_100, 2, &noise(400_000, 0.5));
    let settings = Settings::default();
    let first = package_in_memory(&path, &settings).unwrap();
    assert_eq!(first, package_in_memory(&path, &settings).unwrap());
    // one rendition alone has no other workers beside it
    for (name, ..) in LADDER {
        let settings = Settings { ladder: name.parse::<Ladder>().unwrap(), ..Settings::default() };
        let (_, files) = package_in_memory(&path, &settings).unwrap();
        assert!(files.iter().all(|(file, bytes)| first.1[file] == *bytes), "{name}");
    }
}

/// A change of these bytes, by a dependency too, needs a new [`nada_pipeline::PIPELINE`]: under the old one the
/// same version would name other bytes. x86_64 only, since the encoder rounds by architecture.
#[cfg(target_arch = "x86_64")]
#[test]
fn bytes_are_those_of_this_pipeline() {
    use sha2::{Digest, Sha256};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("source.wav");
    wav(&path, 44_100, 2, &noise(300_000, 0.5));
    let (_, files) = package_in_memory(&path, &Settings::default()).unwrap();
    let mut hasher = Sha256::new();
    for (name, bytes) in &files {
        hasher.update(name);
        hasher.update(Sha256::digest(bytes));
    }
    let sum: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        (nada_pipeline::PIPELINE, sum.as_str()),
        (4, "e6435a967e0fd6ecfcc3e42ff846da6a77ee62d8b1fdb3e3e28d6168f496e84d")
    );
}
