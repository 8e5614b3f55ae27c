//! Track files as they are stored: parts of whole segments that are, one after the other, a file which others can play.
#![allow(clippy::unwrap_used)]

mod support;

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use nada_catalog::{
    PresentationKind, RenditionFile, RenditionName, TrackFileLayout, TrackId, Version, multivariant,
};
use nada_pipeline::{
    Execution, Folder, OutputFile, PRIMING, PackageError, Packaged, PartSize, Settings, StoredFile, package,
};
use support::{ffmpeg, ffmpeg_decode, lag, noise, package_to_store, wav};

/// The parts of each rendition in order.
fn parts(files: &[OutputFile]) -> BTreeMap<RenditionName, Vec<&OutputFile>> {
    let mut parts = BTreeMap::<_, BTreeMap<u32, _>>::new();
    for file in files {
        if let StoredFile::Part(part) = &file.file {
            assert!(parts.entry(file.rendition).or_default().insert(part.number, file).is_none(), "twice");
        }
    }
    parts.into_iter().map(|(name, parts)| (name, parts.into_values().collect())).collect()
}

fn settings(part_size: &str) -> Settings {
    Settings { part_size: part_size.parse().unwrap(), ..Settings::default() }
}

fn song(folder: &Path, seconds: usize) -> (std::path::PathBuf, Vec<f32>) {
    let source = noise(seconds * 44_100 + 77, 0.8);
    let path = folder.join("source.wav");
    wav(&path, 44_100, 2, &source);
    (path, source)
}

/// Reference sizes and durations of the `sidx` of a file, and where the first of them begins.
fn index(file: &[u8], layout: &TrackFileLayout) -> (usize, Vec<(u32, u32)>) {
    let at = layout.header as usize;
    let sidx = &file[at..at + layout.index as usize];
    let field = |at: usize| u32::from_be_bytes(sidx[at..at + 4].try_into().unwrap());
    assert_eq!((field(0), &sidx[4..8]), (layout.index, b"sidx".as_slice()));
    // version and flags, reference_ID; then, after the timescale, times and offsets of 32 bits: none
    assert_eq!((field(8), field(12), field(20), field(24)), (0, 1, 0, 0));
    let count = field(28) as usize;
    let references = (0..count).map(|i| 32 + 12 * i).map(|at| {
        assert_eq!(field(at + 8), 0x9000_0000, "starts with a SAP of type 1");
        (field(at), field(at + 4))
    });
    (at + sidx.len(), references.collect())
}

#[test]
fn parts_hold_whole_segments_and_the_index_points_at_each() {
    let folder = tempfile::tempdir().unwrap();
    let (path, source) = song(folder.path(), 60);
    for size in ["1KiB", "64KiB", "1MiB", "4MiB"] {
        let (packaged, files) = package_to_store(&path, &settings(size), &Execution::default()).unwrap();
        let most = u64::from(size.parse::<PartSize>().unwrap().bytes());
        for (name, parts) in parts(&files) {
            let rendition = packaged.renditions.iter().find(|rendition| rendition.name == name).unwrap();
            let layout = &rendition.file;
            let whole: Vec<u8> = parts.iter().flat_map(|part| part.bytes.clone()).collect();
            assert_eq!(whole.len() as u64, layout.length());
            assert_eq!(parts.len(), layout.parts.len(), "{name}");
            let runs = layout.parts_of(&layout.whole()).unwrap();
            for ((part, run), segments) in parts.iter().zip(runs).zip(&layout.parts) {
                assert_eq!(part.bytes.len() as u64, run.length, "{name}");
                let head = if run.part == 1 { u64::from(layout.header + layout.index) } else { 0 };
                assert!(
                    *segments == 1 || run.length - head <= most,
                    "{name}: {} bytes at {size}",
                    run.length
                );
                // what players are given is cut out of it
                for (file, bytes) in part.served() {
                    let range = layout.range(file).unwrap();
                    assert_eq!(bytes, &whole[range.start as usize..range.end as usize], "{name}/{file}");
                }
            }
            let (mut at, references) = index(&whole, layout);
            assert_eq!(references.len() as u32, layout.segments.count());
            let scale = u64::from(rendition.rate / packaged.timeline.rate);
            let mut total = 0;
            for (number, (bytes, duration)) in (1..).zip(references) {
                assert_eq!(&whole[at + 4..at + 8], b"moof");
                let range = layout.range(RenditionFile::Segment(number)).unwrap();
                assert_eq!((at as u64, (at + bytes as usize) as u64), (range.start, range.end));
                at += bytes as usize;
                total += u64::from(duration);
            }
            assert_eq!(
                (at, total),
                (whole.len(), scale * (u64::from(PRIMING) + source.len() as u64)),
                "{name}"
            );
        }
        let lengths = packaged.clone().into_presentation("t".parse().unwrap(), Version::from_input(&[]));
        let lengths: Vec<u64> = lengths.segment_lengths().collect();
        assert_eq!(lengths.iter().sum::<u64>(), u64::from(PRIMING) + source.len() as u64);
    }
}

#[test]
fn ffmpeg_hears_the_source_at_sample_2048_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (path, source) = song(folder.path(), 20);
    let (_, files) = package_to_store(&path, &settings("100KiB"), &Execution::default()).unwrap();
    let file = folder.path().join("whole.mp4");
    let mut several = 0;
    for (name, parts) in parts(&files) {
        several += u32::from(parts.len() > 1);
        let whole: Vec<u8> = parts.iter().flat_map(|part| part.bytes.clone()).collect();
        fs::write(&file, whole).unwrap();
        let [left, right] = ffmpeg_decode(&file);
        assert!(left.len() >= source.len() + PRIMING as usize, "{name}: {}", left.len());
        let middle: Vec<f32> = left.iter().zip(&right).map(|(l, r)| (l + r) / 2.0).collect();
        for start in [0, 10 * 44_100] {
            let found = lag(&source[start..], &middle[start..], PRIMING.into());
            assert!((found - i64::from(PRIMING)).abs() <= 1, "{name}: {found}");
        }
        let said = Command::new("ffprobe")
            .args(["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"])
            .arg(&file)
            .output()
            .unwrap();
        let seconds: f64 = String::from_utf8(said.stdout).unwrap().trim().parse().unwrap();
        let expected = (source.len() + PRIMING as usize) as f64 / 44_100.0;
        assert!((seconds - expected).abs() < 0.05, "{name}: {seconds} s for {expected}");
    }
    assert!(several >= 3, "{several} renditions have parts");
}

/// Every file in the folder, by its path.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let within = tree(&entry.path());
            files.extend(within.into_iter().map(|(path, bytes)| (format!("{name}/{path}"), bytes)));
        } else {
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    files
}

fn package_into(folder: &Path, source: &Path, size: &str) -> Result<Packaged, PackageError> {
    let mut sink = Folder::create(folder).unwrap();
    package(source, &settings(size), &Execution::default(), &mut sink, &|_| {})
}

#[test]
fn a_folder_has_the_same_files_whatever_the_parts_and_plays_from_them() {
    let folder = tempfile::tempdir().unwrap();
    let (path, source) = song(folder.path(), 20);
    let out = folder.path().join("out");
    let packaged = package_into(&out, &path, "64KiB").unwrap();
    let files = tree(&out);
    let names = packaged.renditions.iter().map(|rendition| rendition.name.to_string());
    let mut expected: Vec<_> =
        names.flat_map(|name| [format!("{name}.mp4"), format!("{name}/media.m3u8")]).collect();
    expected.sort();
    assert_eq!(files.keys().cloned().collect::<Vec<_>>(), expected, "and no rest of anything");
    let whole = folder.path().join("whole");
    package_into(&whole, &path, "4MiB").unwrap();
    assert!(files == tree(&whole));

    let track: TrackId = "local".parse().unwrap();
    let presentation = packaged.into_presentation(track, Version::from_input(&[]));
    for kind in [PresentationKind::Aac, PresentationKind::Lossless] {
        let text = multivariant(&presentation, None, None, kind, "").unwrap();
        fs::write(out.join(kind.file()), text).unwrap();
        let findings = nada_check::run(kind.file(), &mut nada_check::FolderSource::new(&out));
        let wrong = findings.iter().filter(|found| found.severity() > nada_check::Severity::Notice);
        let wrong: Vec<_> = wrong.map(|found| found.rule.id).collect();
        // that it is lossless alone is in its nature
        let expected: &[&str] = if kind == PresentationKind::Lossless { &["H219", "H220"] } else { &[] };
        assert_eq!(wrong, expected, "{findings:?}");
    }
    for rendition in &presentation.renditions {
        let name = rendition.name;
        let text = fs::read_to_string(out.join(format!("{name}/media.m3u8"))).unwrap();
        let map = format!("#EXT-X-MAP:URI=\"../{name}.mp4\",BYTERANGE=\"{}@0\"", rendition.file.header);
        assert!(text.contains(&map), "{text}");
        let ranges = text.lines().filter_map(|line| line.strip_prefix("#EXT-X-BYTERANGE:"));
        let expected = (1..=rendition.file.segments.count()).map(|number| {
            let range = rendition.file.range(RenditionFile::Segment(number)).unwrap();
            format!("{}@{}", range.end - range.start, range.start)
        });
        assert!(ranges.eq(expected), "{text}");
        let [left, _] = ffmpeg_decode(&out.join(format!("{name}/media.m3u8")));
        let found = lag(&source, &left, PRIMING.into());
        assert!((found - i64::from(PRIMING)).abs() <= 1, "{name}: {found}");
    }
}

#[test]
fn a_source_that_fails_leaves_no_rest_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = song(folder.path(), 120);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1000]).unwrap();
    let out = folder.path().join("out");
    let refused = package_into(&out, &path, "64KiB").unwrap_err();
    assert!(matches!(refused, PackageError::Source(_)), "{refused}");
    assert_eq!(tree(&out).keys().collect::<Vec<_>>(), Vec::<&String>::new());
}

/// Real music, again and again, for as long as a song lasts.
#[test]
fn a_lossless_song_of_194_s_is_few_objects() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("song.flac");
    let music = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/demo/releases/lets-go-fishin/01.ogg");
    let options = ["-map", "0:a", "-t", "194", "-ar", "44100", "-ac", "2", "-sample_fmt", "s16"];
    let input = ["-stream_loop", "20", "-i", music.to_str().unwrap()];
    ffmpeg(&[input.as_slice(), &options].concat(), &path);
    let (packaged, files) = package_to_store(&path, &Settings::default(), &Execution::default()).unwrap();
    assert_eq!(packaged.renditions.len(), 6);
    // and presentation.json, loudness.json, the manifest
    let objects = files.len() + 3;
    let megabytes = files.iter().map(|file| file.bytes.len()).sum::<usize>() as f64 / 1e6;
    println!("194 s: {objects} objects of {megabytes:.1} MB");
    assert!(objects <= 32, "{objects}");
    for (name, parts) in parts(&files) {
        let most = parts.iter().map(|part| part.bytes.len()).max().unwrap();
        assert!(most <= (4 << 20) + 1500, "{name}: {most}");
        assert!(name == RenditionName::FLAC || parts.len() <= 3, "{name}: {} parts", parts.len());
    }
}
