//! WAVE files as recorders, pipes and converters leave them: read for what they can only mean, or refused by name.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

mod support;

use std::{fs, path::Path};

use nada_pipeline::{Ladder, Refusal, Settings};
use support::{decode, noise, package_in_memory, refusal};

/// The fields of a `fmt ` chunk, and the samples.
#[derive(Clone)]
struct Wave {
    tag: u16,
    channels: u16,
    block: u16,
    bits: u16,
    /// Valid bits and channel mask, where the chunk is the extensible one.
    extensible: Option<(u16, u32)>,
    /// What the header says of the size, where it is not the samples'.
    size: Option<u32>,
    samples: Vec<u8>,
    after: Vec<u8>,
}

impl Wave {
    fn new(bits: u16, samples: Vec<u8>) -> Self {
        let block = 2 * bits.div_ceil(8);
        Self { tag: 1, channels: 2, block, bits, extensible: None, size: None, samples, after: Vec::new() }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut format = Vec::new();
        let tag = if self.extensible.is_some() { 0xfffe } else { self.tag };
        format.extend(tag.to_le_bytes());
        format.extend(self.channels.to_le_bytes());
        format.extend(44_100_u32.to_le_bytes());
        format.extend((44_100 * u32::from(self.block)).to_le_bytes());
        format.extend(self.block.to_le_bytes());
        format.extend(self.bits.to_le_bytes());
        if let Some((valid, mask)) = self.extensible {
            format.extend(22_u16.to_le_bytes());
            format.extend(valid.to_le_bytes());
            format.extend(mask.to_le_bytes());
            format.extend(self.tag.to_le_bytes());
            format.extend(b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
        }
        let size = self.size.unwrap_or(self.samples.len() as u32);
        let mut bytes = b"RIFF\xff\xff\xff\xffWAVEfmt ".to_vec();
        bytes.extend((format.len() as u32).to_le_bytes());
        bytes.extend(format);
        bytes.extend(b"data");
        bytes.extend(size.to_le_bytes());
        bytes.extend(&self.samples);
        bytes.extend(&self.after);
        bytes
    }

    fn write(&self, path: &Path) {
        fs::write(path, self.bytes()).unwrap();
    }
}

/// Samples of three bytes, both channels alike.
fn pcm_24(frames: usize) -> Vec<u8> {
    let sample = |value: f32| ((value * 8_388_607.0) as i32).to_le_bytes();
    noise(frames, 0.5)
        .into_iter()
        .flat_map(|value| [sample(value); 2])
        .flat_map(|b| [b[0], b[1], b[2]])
        .collect()
}

fn decoded(wave: &Wave) -> (Vec<f32>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wave.write(&path);
    let (_, samples, notices) = decode(&path);
    (samples, notices)
}

fn refused(wave: &Wave) -> Refusal {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wave.write(&path);
    refusal(&path)
}

#[test]
fn a_block_that_does_not_go_with_the_bits_is_refused() {
    for (bits, block) in [(24, 8), (24, 4), (16, 8), (16, 6), (16, 3), (20, 8), (8, 4), (32, 6)] {
        for extensible in [None, Some((bits, 3))] {
            let wave = Wave { block, extensible, ..Wave::new(bits, vec![1; 48_000]) };
            let text = refused(&wave).to_string();
            let stated = [format!("{bits} bits"), format!("says {block}")];
            assert!(stated.iter().all(|part| text.contains(part)), "{bits} {block}: {text}");
        }
    }
}

/// Samples of 24 bits in containers of `container` bytes, at their top or at their bottom.
fn padded(samples: &[u8], container: usize, top: bool) -> Vec<u8> {
    let pad = |sample: &[u8; 3]| {
        let sign = if sample[2] & 0x80 != 0 { 0xff } else { 0 };
        let fill = vec![if top { 0 } else { sign }; container - 3];
        if top { [fill, sample.to_vec()].concat() } else { [sample.to_vec(), fill].concat() }
    };
    samples.as_chunks().0.iter().flat_map(pad).collect()
}

#[test]
fn samples_in_larger_containers_are_read_where_they_say_where_they_lie() {
    let plain = Wave::new(24, pcm_24(100_000));
    let whole = decoded(&plain).0;
    for (container, top) in [(4_u16, true), (4, false), (5, true), (8, false)] {
        let samples = padded(&plain.samples, container.into(), top);
        for extensible in [None, Some((24, 3)), Some((0, 0))] {
            let wave = Wave { block: 2 * container, samples: samples.clone(), extensible, ..plain.clone() };
            let (read, notices) = decoded(&wave);
            assert!(read == whole && notices.is_empty(), "{container} {top}: {notices:?}");
        }
    }
    // 16 bits in 24 and in 32
    let short = Wave::new(16, plain.samples.as_chunks::<3>().0.iter().flat_map(|s| [s[1], s[2]]).collect());
    let coarse = decoded(&short).0;
    for container in [3, 4] {
        for top in [true, false] {
            let samples = short.samples.as_chunks::<2>().0.iter().flat_map(|&[low, high]| {
                let fill = vec![if !top && high & 0x80 != 0 { 0xff } else { 0 }; container - 2];
                if top { [fill, vec![low, high]].concat() } else { [vec![low, high], fill].concat() }
            });
            let wave = Wave { block: 2 * container as u16, samples: samples.collect(), ..short.clone() };
            assert!(decoded(&wave).0 == coarse, "{container} {top}");
        }
    }
    // one sample that is neither: nobody knows
    let mut samples = padded(&plain.samples, 4, true);
    samples[399_996] = 1;
    let text = refused(&Wave { block: 8, samples, ..plain.clone() }).to_string();
    assert!(text.contains("24 bits") && text.contains("says 8"), "{text}");
    // quiet at the top, or coarse at the bottom
    let samples = [0_u8, 0x12, 0x34, 0].repeat(10_000);
    assert!(matches!(refused(&Wave { block: 8, samples, ..plain.clone() }), Refusal::Unsupported(_)));
    let silent = Wave { block: 8, samples: vec![0; 8_000], ..plain };
    assert_eq!(decoded(&silent).0, [0.0; 2_000]);
}

#[test]
fn valid_bits_lie_at_the_top_unless_all_samples_say_otherwise() {
    let samples = pcm_24(20_000);
    let whole = decoded(&Wave::new(24, samples.clone())).0;
    for top in [true, false] {
        let wave = Wave { extensible: Some((24, 3)), ..Wave::new(32, padded(&samples, 4, top)) };
        assert!(decoded(&wave).0 == whole, "{top}");
    }
    // more than is valid is there: nothing of it is lost
    let wave = Wave { extensible: Some((16, 3)), ..Wave::new(24, samples) };
    assert!(decoded(&wave).0 == whole);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wave.write(&path);
    assert_eq!(decode(&path).0.depth, Some(24));
}

#[test]
fn of_bits_and_block_the_one_that_is_0_follows_from_the_other() {
    for bits in [8, 16, 24, 32] {
        let plain = Wave::new(bits, pcm_24(8_000));
        let whole = decoded(&plain).0;
        for wave in [Wave { bits: 0, ..plain.clone() }, Wave { block: 0, ..plain.clone() }] {
            for extensible in [None, Some((0, 3)), Some((bits, 3))] {
                assert!(decoded(&Wave { extensible, ..wave.clone() }).0 == whole, "{bits} {extensible:?}");
            }
        }
        let text = refused(&Wave { bits: 0, block: 0, ..plain }).to_string();
        assert!(text.contains("size of a sample is 0"), "{text}");
    }
    let none = Wave { channels: 0, ..Wave::new(16, vec![1; 4_000]) };
    assert!(refused(&none).to_string().contains("no channels"));
    for bits in [16, 24] {
        let text = refused(&Wave { tag: 3, ..Wave::new(bits, vec![1; 48_000]) }).to_string();
        assert!(text.contains("32 or 64 bits"), "{text}");
    }
}

#[test]
fn what_follows_the_fields_of_a_format_changes_nothing() {
    let cases = [Wave::new(16, pcm_24(8_000)), Wave { tag: 3, ..Wave::new(32, pcm_24(8_000)) }];
    let law = |tag| Wave { tag, block: 2, ..Wave::new(8, pcm_24(8_000)) };
    for wave in cases.into_iter().chain([law(6), law(7)]) {
        let whole = decoded(&wave).0;
        let bytes = wave.bytes();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        for extra in [&[0, 0][..], &[2, 0, 7, 7], &[0, 0, 0, 0], &[22, 0, 1, 2, 3], &[9; 24], &[0; 100]] {
            let size = (16 + extra.len() as u32).to_le_bytes();
            let padding = vec![0; extra.len() % 2];
            let file = [&bytes[..16], &size, &bytes[20..36], extra, &padding, &bytes[36..]].concat();
            fs::write(&path, file).unwrap();
            assert!(decode(&path).1 == whole, "{} and {extra:?}", wave.tag);
        }
        if wave.tag != 1 {
            let extensible = Wave { extensible: Some((wave.bits, 3)), ..wave.clone() };
            assert!(decoded(&extensible).0 == whole, "{}", wave.tag);
        }
    }
    // bits of 16, by what G.711 decodes to
    let wave = Wave { bits: 16, ..law(6) };
    assert!(decoded(&wave).0 == decoded(&law(6)).0);
}

#[test]
fn a_size_in_another_chunk_counts_where_it_is_one() {
    let plain = Wave::new(16, pcm_24(8_000));
    let (whole, bytes) = (decoded(&plain).0, plain.bytes());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    let known = plain.samples.len() as u64;
    for (wide, size, count) in
        [(known, u32::MAX, 0), (known, 0, 0), (0, u32::MAX, 1), (0, 0, 1), (u64::MAX, 1, 2)]
    {
        let ds64 = [&b"ds64\x1c\0\0\0"[..], &[0; 8], &wide.to_le_bytes(), &[0; 12]].concat();
        let size = if size == 1 { known as u32 } else { size };
        let count = count % 2;
        let file =
            [b"RF64\xff\xff\xff\xffWAVE", &ds64[..], &bytes[12..40], &size.to_le_bytes(), &bytes[44..]];
        fs::write(&path, file.concat()).unwrap();
        let (_, samples, notices) = decode(&path);
        assert!(samples == whole && notices.len() == count, "{wide} {size}: {notices:?}");
    }
    // a count of samples, which many a writer gets wrong, takes nothing away
    for count in [0_u32, 1, 6_000, 12_000, u32::MAX] {
        let fact = [b"fact\x04\0\0\0", &count.to_le_bytes()[..]].concat();
        fs::write(&path, [&bytes[..36], &fact, &bytes[36..]].concat()).unwrap();
        let (_, samples, notices) = decode(&path);
        assert!(samples == whole && notices.is_empty(), "{count}: {notices:?}");
    }
}

#[test]
fn a_byte_of_padding_is_there_or_not() {
    let plain = Wave { channels: 1, block: 3, ..Wave::new(24, pcm_24(5_000)[..29_997].to_vec()) };
    let whole = decoded(&plain).0;
    let cover = [&b"id3 \0\0\x02\0"[..], &vec![7; 0x2_0000]].concat();
    for padding in [&[][..], &[0]] {
        let after = [padding, &cover].concat();
        let (samples, notices) = decoded(&Wave { after, ..plain.clone() });
        assert!(samples == whole && notices.is_empty(), "{padding:?}: {notices:?}");
        let after = [padding, &plain.bytes()].concat();
        let text = refused(&Wave { after, ..plain.clone() }).to_string();
        assert!(text.contains("joined"), "{padding:?}: {text}");
    }
}

#[test]
fn bits_that_fill_no_bytes_lie_at_their_top() {
    let mut samples = pcm_24(5_000);
    samples.iter_mut().step_by(3).for_each(|low| *low &= 0xf0);
    let whole = decoded(&Wave::new(24, samples.clone())).0;
    assert_eq!(decoded(&Wave { bits: 20, ..Wave::new(24, samples) }).0, whole);
    let mut samples = pcm_24(5_000);
    samples.truncate(20_000);
    samples.iter_mut().step_by(2).for_each(|low| *low &= 0xf0);
    let whole = decoded(&Wave::new(16, samples.clone())).0;
    assert_eq!(decoded(&Wave { bits: 12, ..Wave::new(16, samples) }).0, whole);
}

#[test]
fn valid_bits_and_masks_that_say_nothing_change_nothing() {
    let plain = Wave::new(24, pcm_24(5_000));
    let whole = decoded(&plain).0;
    for (valid, mask) in [(24, 3), (0, 3), (25, 3), (65_535, 3), (24, 0), (24, 1), (24, 0x3f), (0, 0)] {
        let wave = Wave { extensible: Some((valid, mask)), ..plain.clone() };
        assert_eq!(decoded(&wave).0, whole, "{valid} valid bits, mask {mask:x}");
    }
}

#[test]
fn a_size_that_its_writer_could_not_know_takes_the_rest() {
    let plain = Wave::new(16, pcm_24(8_000)[..40_000].to_vec());
    let whole = decoded(&plain).0;
    for size in [0, 0x7fff_f000, 0x7fff_ffd8, 0x7fff_ffff, 0x8000_0000, 0xffff_ff00, 0xffff_fffe, 0xffff_ffff]
    {
        let (samples, notices) = decoded(&Wave { size: Some(size), ..plain.clone() });
        assert!(samples == whole && notices.len() == 1, "{size:x}: {} {notices:?}", samples.len());
        assert!(notices[0].contains("never completed"), "{notices:?}");
    }
    // a size that was known, of a file that was cut
    for size in [40_004, 0x7000_0000, 0x9000_0000] {
        let refusal = refused(&Wave { size: Some(size), ..plain.clone() });
        assert!(refusal.to_string().contains("the file ends after 10000 of"), "{refusal}");
    }
    let empty = Wave { size: Some(0), samples: b"LIST\x04\0\0\0INFO".to_vec(), ..plain };
    assert_eq!(refused(&empty), Refusal::NoAudio);
}

#[test]
fn what_follows_the_audio_is_left_out_only_where_it_is_none() {
    let plain = Wave::new(16, pcm_24(60_000));
    let whole = decoded(&plain).0;
    let list = b"LIST\x05\0\0\0INFOx\0id3 \x02\0\0\0ab".to_vec();
    for after in [list, vec![0], vec![7; 128], b"TAG".iter().copied().chain([b' '; 125]).collect()] {
        let (samples, notices) = decoded(&Wave { after, ..plain.clone() });
        assert!(samples == whole, "{notices:?}");
    }
    let joined = refused(&Wave { after: plain.bytes(), ..plain.clone() }).to_string();
    assert!(joined.contains("joined") && joined.contains("360044"), "{joined}");
    for stated in [4, 100_000, 290_000] {
        let text = refused(&Wave { size: Some(stated), ..plain.clone() }).to_string();
        assert!(text.contains("are no chunks"), "{stated}: {text}");
    }
}

#[test]
fn other_codecs_and_coded_audio_are_named() {
    for (tag, name) in
        [(0x11, "IMA ADPCM"), (0x55, "MP3"), (0x2000, "AC-3"), (0x161, "Windows Media"), (0x31, "GSM")]
    {
        let text = refused(&Wave { tag, ..Wave::new(16, vec![1; 40_000]) }).to_string();
        assert!(text.contains(name), "{tag:x}: {text}");
    }
    // AC-3 as a digital output carries it: 1536 samples a burst
    let burst: Vec<u8> = [0xf872_u16, 0x4e1f, 1, 0x3000].iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut samples = Vec::new();
    for i in 0..8_u8 {
        samples.extend(&burst);
        samples
            .extend((0..3068_u32).flat_map(|j| (j.wrapping_mul(40_503) as u16 ^ u16::from(i)).to_le_bytes()));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    Wave::new(16, samples).write(&path);
    let text = support::try_decode(&path).unwrap_err().to_string();
    assert!(text.contains("AC-3 (IEC 61937)"), "{text}");
}

#[test]
fn loudness_is_that_of_what_is_delivered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    let settings =
        Settings { ladder: Ladder::new(vec!["aac-128".parse().unwrap()]).unwrap(), ..Settings::default() };
    let package = |samples: &[f32]| {
        let bytes = samples.iter().flat_map(|sample| [sample.to_le_bytes(); 2]).flatten().collect();
        Wave { tag: 3, ..Wave::new(32, bytes) }.write(&path);
        package_in_memory(&path, &settings).unwrap().0
    };
    let music = noise(4 * 44_100, 0.5);
    let within = package(&music);
    assert!(within.notices.is_empty(), "{:?}", within.notices);
    let mut absurd = music.clone();
    absurd[50_000] = 18_000.0;
    let clipped = package(&absurd);
    let difference = clipped.loudness.unwrap().integrated - within.loudness.unwrap().integrated;
    assert!(difference.abs() < 0.1, "{difference}");
    assert!(clipped.notices[0].starts_with("2 samples are over full scale"), "{:?}", clipped.notices);
    assert!(clipped.notices[0].contains("+85.1 dBFS"), "{:?}", clipped.notices);

    let loud: Vec<f32> = music.iter().map(|sample| sample * 8.0).collect();
    let cut: Vec<f32> = loud.iter().map(|sample| sample.clamp(-1.0, 1.0)).collect();
    let (loud, cut) = (package(&loud), package(&cut));
    assert_eq!(loud.loudness, cut.loudness);
    assert!(cut.notices.is_empty() && loud.notices.len() == 1, "{:?}", loud.notices);
}
