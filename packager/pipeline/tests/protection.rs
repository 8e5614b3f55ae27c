//! Protected renditions: what is encrypted, what a player with the key hears, and what one without it does.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

mod support;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use nada_catalog::{PresentationKind, TrackId, Version, multivariant};
use nada_check::{FolderSource, Severity};
use nada_pipeline::{Execution, Folder, PackageError, Packaged, Settings, package};
use nada_protection::{DerivedKeys, KeySource as _, ProtectionTerms, SampleCipher, Seed, TierKey, TrackKeys};
use support::{Files, noise, package_on, wav};

const SEED: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const RENDITIONS: [&str; 6] = ["heaac2-24", "heaac2-32", "heaac-64", "aac-128", "aac-256", "flac"];

/// 20 seconds and 77 samples of noise at 44.1 kHz: four segments.
static SOURCE: LazyLock<Vec<f32>> = LazyLock::new(|| noise(20 * 44_100 + 77, 0.8));

fn source(folder: &Path) -> PathBuf {
    let path = folder.join("source.wav");
    wav(&path, 44_100, 2, &SOURCE);
    path
}

/// Settings and execution by these terms.
fn protected(terms: &str) -> (Settings, Execution, TrackKeys) {
    let terms: ProtectionTerms = terms.parse().unwrap();
    let keys = DerivedKeys::new(Seed::parse(SEED).unwrap());
    let settings = Settings { protection: Some(terms.protection("t", &keys)), ..Settings::default() };
    let keys = keys.keys(&terms.request("t")).unwrap();
    (settings, Execution { keys: Some(keys.clone()), ..Execution::default() }, keys)
}

fn key_of<'a>(keys: &'a TrackKeys, rendition: &str) -> &'a TierKey {
    if rendition == "flac" { &keys.lossless } else { &keys.lossy }
}

/// Packages into `folder/{name}`, with both multivariant playlists.
fn package_into(folder: &Path, name: &str, settings: &Settings, execution: &Execution) -> Packaged {
    let folder_of = folder.join(name);
    let mut sink = Folder::create(&folder_of).unwrap();
    let packaged = package(&source(folder), settings, execution, &mut sink, &|_| ()).unwrap();
    let track: TrackId = "t".parse().unwrap();
    let presentation = packaged.clone().into_presentation(track, Version::from_input(&[b"x"]));
    for kind in [PresentationKind::Aac, PresentationKind::Lossless] {
        let text = multivariant(&presentation, None, None, kind, "").unwrap();
        fs::write(folder_of.join(kind.file()), text).unwrap();
    }
    packaged
}

/// The boxes of a fragment's `mdat` one by one: sizes from `trun`, which states nothing else before them but an offset.
fn samples(segment: &[u8], plain: bool) -> Vec<Vec<u8>> {
    let at = |kind: &[u8; 4]| segment.windows(4).position(|window| window == kind).unwrap();
    let trun = at(b"trun");
    let word = |at: usize| u32::from_be_bytes(segment[at..at + 4].try_into().unwrap()) as usize;
    let (flags, count) = (word(trun + 4) & 0xff_ffff, word(trun + 8));
    let timed = flags & 0x100 != 0;
    let (mut sizes, mut data) = (trun + 16, at(b"mdat") + 4);
    assert_eq!(word(at(b"tfhd") + 4) & 2 != 0, !plain);
    (0..count)
        .map(|_| {
            let size = word(sizes + if timed { 4 } else { 0 });
            sizes += if timed { 8 } else { 4 };
            data += size;
            segment[data - size..data].to_vec()
        })
        .collect()
}

#[test]
fn only_the_samples_behind_the_lead_are_encrypted_and_nothing_else_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = source(folder.path());
    let (_, plain) = package_on(&path, &Settings::default(), &Execution::default()).unwrap();
    for lead in [0, 1, 2] {
        let (settings, execution, keys) = protected(&format!("cbcs,lead={lead}"));
        let (packaged, files) = package_on(&path, &settings, &execution).unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), plain.keys().collect::<Vec<_>>());
        for rendition in RENDITIONS {
            let key = key_of(&keys, rendition);
            let cipher = SampleCipher::new(&key.key, key.iv);
            for number in 1..=4 {
                let name = format!("{rendition}/{number:05}.m4s");
                let clear = number <= lead;
                let (found, expected) = (samples(&files[&name], !clear), samples(&plain[&name], true));
                let expected: Vec<Vec<u8>> = expected
                    .into_iter()
                    .map(|mut sample| {
                        if !clear {
                            cipher.encrypt(&mut sample);
                        }
                        sample
                    })
                    .collect();
                assert!(found == expected, "{name}, lead {lead}");
                assert_eq!(files[&name].len(), plain[&name].len() + if clear { 4 } else { 0 });
            }
        }
        assert!(packaged.notices.iter().all(|notice| !notice.contains("lead")), "{:?}", packaged.notices);
    }
}

#[test]
fn the_same_keys_give_the_same_bytes_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = source(folder.path());
    let (settings, execution, _) = protected("cbcs,clearkey");
    let files = [1, 3].map(|threads: usize| {
        let execution = Execution { threads: threads.try_into().unwrap(), ..execution.clone() };
        package_on(&path, &settings, &execution).unwrap().1
    });
    assert!(files[0] == files[1]);
}

#[test]
fn what_is_made_breaks_no_rule_and_names_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    for (terms, systems) in [("cbcs", 3), ("cbcs,lead=0,clearkey", 4), ("cbcs,lead=1", 3)] {
        let (settings, execution, keys) = protected(terms);
        let packaged = package_into(folder.path(), terms, &settings, &execution);
        let out = folder.path().join(terms);
        for kind in [PresentationKind::Aac, PresentationKind::Lossless] {
            let found = nada_check::run(kind.file(), &mut FolderSource::new(&out));
            let wrong: Vec<_> = found.iter().filter(|found| found.severity() > Severity::Notice).collect();
            // the lossless playlist has two warnings in its nature
            let expected: &[&str] = if kind == PresentationKind::Aac { &[] } else { &["H219", "H220"] };
            assert_eq!(wrong.iter().map(|found| found.rule.id).collect::<Vec<_>>(), expected, "{wrong:#?}");
            let text = fs::read_to_string(out.join(kind.file())).unwrap();
            assert_eq!(text.matches("#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,").count(), systems, "{text}");
            let [own, other] = match kind {
                PresentationKind::Aac => [keys.lossy.id, keys.lossless.id],
                PresentationKind::Lossless => [keys.lossless.id, keys.lossy.id],
            };
            // the comment, by which licences are decided, names both
            let tags: Vec<&str> = text.lines().filter(|line| !line.starts_with("# ")).collect();
            let named = |id: nada_protection::KeyId| tags.iter().any(|line| line.contains(&id.hex()));
            assert!(named(own) && !named(other), "{text}");
        }
        let stated: Vec<_> = packaged
            .renditions
            .iter()
            .filter_map(|it| Some((it.name.to_string(), it.session_keys.clone()?)))
            .collect();
        // what the edge reads again
        let description = format!("# {}\n", settings.protection.unwrap());
        assert_eq!([stated[0].0.as_str(), stated[1].0.as_str()], ["heaac2-24", "flac"]);
        assert!(
            stated.len() == 2 && stated.iter().all(|(_, text)| text.starts_with(&description)),
            "{stated:?}"
        );
    }
}

#[test]
fn protection_needs_its_own_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = source(folder.path());
    let (settings, execution, _) = protected("cbcs");
    let (_, others, _) = protected("cbcs,keys=2");
    for wrong in [Execution::default(), others] {
        let error = package_on(&path, &settings, &wrong).unwrap_err();
        assert!(matches!(error, PackageError::NoKeys(_)), "{error}");
    }
    assert!(package_on(&path, &settings, &execution).is_ok());
}

#[test]
fn a_song_that_is_all_lead_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("short.wav");
    wav(&path, 44_100, 2, &SOURCE[..4 * 44_100]);
    let (settings, execution, _) = protected("cbcs");
    let (packaged, files) = package_on(&path, &settings, &execution).unwrap();
    assert!(packaged.notices.iter().any(|notice| notice.contains("lead = 0")), "{:?}", packaged.notices);
    let playlist = String::from_utf8(files["aac-128/media.m3u8"].clone()).unwrap();
    assert!(!playlist.contains("SAMPLE-AES") && playlist.contains("METHOD=NONE"), "{playlist}");
}

/// No content key is in anything that leaves the packager, as bytes, as digits or in base64.
#[test]
fn no_key_is_in_any_file_or_message() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, execution, keys) = protected("cbcs,clearkey,lead=0");
    let (packaged, files) = package_on(&source(folder.path()), &settings, &execution).unwrap();
    let shown = format!("{packaged:?} {settings:?} {execution:?} {keys:#?} {}", settings.fingerprint());
    let json = serde_json::to_string(&packaged.renditions).unwrap();
    for key in [&keys.lossy, &keys.lossless] {
        let bytes = key.key.expose();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let forms =
            [bytes.to_vec(), hex.clone().into_bytes(), hex.to_uppercase().into_bytes(), base64(bytes)];
        for form in &forms {
            let holds = |bytes: &[u8]| bytes.windows(form.len()).any(|window| window == form);
            for (name, bytes) in files
                .iter()
                .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
                .chain([("what is printed", shown.as_bytes()), ("what is stored", json.as_bytes())])
            {
                assert!(!holds(bytes), "{name}");
            }
            // the search can find: it finds the key's name, which is public
            assert!(files["flac/init.mp4"].windows(16).any(|window| window == keys.lossless.id.as_bytes()));
        }
        assert!(
            !shown.contains(&format!("{:?}", &bytes[..4]).replace(['[', ']'], "")),
            "as a list of numbers"
        );
    }
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    // without the last, which holds two bits alone
    bits.as_chunks::<6>()
        .0
        .iter()
        .map(|six| DIGITS[six.iter().fold(0, |all, bit| all * 2 + usize::from(*bit))])
        .collect()
}

/// What a current ffmpeg makes of a track file, with a key if there is one.
fn current_ffmpeg(file: &Path, key: Option<&[u8]>) -> Output {
    let mut command = Command::new("ffmpeg-current");
    command.args(["-v", "error"]);
    if let Some(key) = key {
        command.args(["-decryption_key", &key.iter().map(|byte| format!("{byte:02x}")).collect::<String>()]);
    }
    let arguments = ["-map", "0:a:0", "-f", "f32le", "-"];
    command.arg("-i").arg(file).args(arguments).output().expect("these tests need ffmpeg-current")
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|sample| f32::from_le_bytes(*sample)).collect()
}

/// How alike a second of what was heard is to the source, at the lag where they are most alike.
fn likeness(heard: &[f32], at: usize) -> f64 {
    let source = &SOURCE[at..at + 44_100];
    let left: Vec<f32> = heard.iter().step_by(2).copied().collect();
    let mut most: f64 = 0.0;
    // every lag around the one of the timeline
    for lag in 2048 - 64..2048 + 64 {
        let Some(heard) = left.get(at + lag..at + lag + 44_100) else { continue };
        let (mut product, mut a, mut b) = (0.0, 0.0, 0.0);
        for (x, y) in source.iter().zip(heard).map(|(x, y)| (f64::from(*x), f64::from(*y))) {
            (product, a, b) = (product + x * y, a + x * x, b + y * y);
        }
        if a > 0.0 && b > 0.0 {
            most = most.max((product / (a * b).sqrt()).abs());
        }
    }
    most
}

#[test]
fn ffmpeg_with_the_key_hears_every_sample_and_without_it_nothing_behind_the_lead() {
    let folder = tempfile::tempdir().unwrap();
    package_into(folder.path(), "plain", &Settings::default(), &Execution::default());
    let mut heard = BTreeMap::new();
    for rendition in RENDITIONS {
        let decoded = current_ffmpeg(&folder.path().join(format!("plain/{rendition}.mp4")), None);
        assert!(decoded.status.success());
        heard.insert(rendition, decoded.stdout);
    }
    for lead in [0, 2] {
        let (settings, execution, keys) = protected(&format!("cbcs,lead={lead}"));
        let name = format!("lead{lead}");
        package_into(folder.path(), &name, &settings, &execution);
        for rendition in RENDITIONS {
            let file = folder.path().join(format!("{name}/{rendition}.mp4"));
            let key = key_of(&keys, rendition).key.expose();
            let decoded = current_ffmpeg(&file, Some(key));
            let stderr = String::from_utf8_lossy(&decoded.stderr);
            assert!(decoded.status.success() && stderr.is_empty(), "{rendition}: {stderr}");
            assert!(decoded.stdout == heard[rendition], "{rendition}, lead {lead}: other samples");
            // 2.97 and 8.92 s: the third segment and what follows
            let within = 11 * 44_100;
            assert!(likeness(&floats(&decoded.stdout), within) > 0.6, "the measure finds what is there");
            let other = [0x5a; 16];
            for wrong in [None, Some(other.as_slice())] {
                let decoded = current_ffmpeg(&file, wrong);
                let alike = likeness(&floats(&decoded.stdout), within);
                assert!(alike < 0.1, "{rendition}, lead {lead}, {wrong:?}: {alike}");
            }
            // the lossy key does not open the lossless rendition, nor the other way round
            let across = key_of(&keys, if rendition == "flac" { "aac-128" } else { "flac" }).key.expose();
            assert!(likeness(&floats(&current_ffmpeg(&file, Some(across)).stdout), within) < 0.1);
        }
    }
}

/// Header, keys in the playlist, and the second sample entry of the lead, beside the media of the leanest rendition but one.
#[test]
fn protection_costs_little() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("source.wav");
    wav(&path, 44_100, 2, &noise(210 * 44_100, 0.8));
    let ladder: nada_pipeline::Ladder = "heaac2-32".parse().unwrap();
    let (settings, execution, _) = protected("cbcs");
    let plain = Settings { ladder: ladder.clone(), ..Settings::default() };
    let sizes = [(plain, Execution::default()), (Settings { ladder, ..settings }, execution)]
        .map(|(settings, execution)| package_on(&path, &settings, &execution).unwrap().1)
        .map(|files| (files.values().map(Vec::len).sum::<usize>(), container(&files)));
    let [(plain, _), (protected, container)] = sizes;
    let percent = 100.0 * (protected - plain) as f64 / plain as f64;
    println!(
        "heaac2-32, 210 s: {plain} bytes in the clear, {} more protected, {percent:.2} %",
        protected - plain
    );
    assert!(percent <= 0.3, "{percent:.2} %");
    println!("container beside media, protected: {container:.2} %");
    assert!((2.0..=3.0).contains(&container), "{container:.2} %");
}

/// Percent of the media that headers and `moof` are, playlists apart. In fragments, what is in `mdat` is media
/// (ISO/IEC 14496-12 §4.2, §8.1.1).
fn container(files: &Files) -> f64 {
    let (mut all, mut media) = (0, 0);
    for (_, bytes) in files.iter().filter(|(name, _)| !name.ends_with(".m3u8")) {
        all += bytes.len();
        let moof = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        if bytes[moof + 4..].starts_with(b"mdat") {
            media += bytes.len() - moof - 8;
        }
    }
    100.0 * (all - media) as f64 / media as f64
}

/// Files of a store, put together, hold what the folder holds; so a part that is encrypted is the same wherever it goes.
#[test]
fn the_folder_and_the_store_have_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, execution, _) = protected("cbcs");
    package_into(folder.path(), "out", &settings, &execution);
    let (_, files): (Packaged, Files) = package_on(&source(folder.path()), &settings, &execution).unwrap();
    for rendition in RENDITIONS {
        let whole = fs::read(folder.path().join(format!("out/{rendition}.mp4"))).unwrap();
        let parts: Vec<u8> =
            (1..=4).flat_map(|n| files[&format!("{rendition}/{n:05}.m4s")].clone()).collect();
        assert!(whole.starts_with(&files[&format!("{rendition}/init.mp4")]) && whole.ends_with(&parts));
    }
}
