//! Pictures of all formats, and hostile ones, in this process and in a child. The suite is its own decoding child:
//! `artwork read FILE`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod pictures;

use std::{fs, path::Path, process::ExitCode, time::Instant};

use libtest_mimic::{Arguments, Trial};
use nada_artwork::{ArtworkRefusal, Decoded, MOST_BYTES, generated, make, read, read_child};
use nada_catalog::{PictureFormat, picture::ARTWORK_SEAL};
use nada_pipeline::Isolation;
use pictures::{cmyk_jpeg, corners, jpeg, png, png_header, png16, with_exif, zip_bomb};

const TESTS: [(&str, fn()); 11] = [
    ("files_have_every_size_and_format", files_have_every_size_and_format),
    ("what_is_written_is_read_again_and_looks_alike", what_is_written_is_read_again_and_looks_alike),
    ("a_child_reads_what_this_process_reads", a_child_reads_what_this_process_reads),
    (
        "pictures_are_turned_upright_and_their_exif_is_gone",
        pictures_are_turned_upright_and_their_exif_is_gone,
    ),
    ("profiles_are_changed_to_srgb", profiles_are_changed_to_srgb),
    ("what_is_transparent_lies_over_white", what_is_transparent_lies_over_white),
    ("dimensions_are_judged_before_anything_is_decoded", dimensions_are_judged_before_anything_is_decoded),
    ("bombs_and_broken_files_are_refused", bombs_and_broken_files_are_refused),
    ("the_largest_picture_fits_the_limits", the_largest_picture_fits_the_limits),
    ("avif_of_another_encoder_is_read", avif_of_another_encoder_is_read),
    ("a_child_is_not_trusted", a_child_is_not_trusted),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "read") {
        return match read_child(arguments.next().unwrap().as_ref()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let trials = TESTS.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

fn child() -> Isolation {
    Isolation::child(std::env::current_exe().unwrap(), vec!["read".into()])
}

fn of(bytes: &[u8]) -> Result<Decoded, ArtworkRefusal> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cover.jpg");
    fs::write(&path, bytes).unwrap();
    let here = read(&path, &Isolation::InProcess).map_err(|error| error.refusal);
    let there = read(&path, &child()).map_err(|error| error.refusal);
    assert_eq!(here, there, "the child says what this process says");
    there
}

/// How far two squares of one size are apart, on the average of components.
fn apart(one: &[u8], two: &[u8]) -> f64 {
    assert_eq!(one.len(), two.len());
    one.iter().zip(two).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / one.len() as f64
}

fn files_have_every_size_and_format() {
    let square = generated("Burung Kakatua", &["Nada".to_owned()]);
    let made = make(&square).unwrap();
    assert_eq!(made.sizes, [96, 320, 640, 1280]);
    assert_eq!(made.files.len(), 12);
    let last = made.files.last().unwrap();
    assert_eq!((last.size, last.format), ARTWORK_SEAL);
    for file in &made.files {
        let begins: &[u8] = match file.format {
            PictureFormat::Avif => &file.bytes[4..12],
            PictureFormat::Webp => &file.bytes[8..16],
            _ => &file.bytes[..3],
        };
        let expected: &[u8] = match file.format {
            PictureFormat::Avif => b"ftypavif",
            // a still picture, not an animation of one
            PictureFormat::Webp => b"WEBPVP8 ",
            _ => &[0xff, 0xd8, 0xff],
        };
        assert_eq!(begins, expected, "{} {}", file.size, file.format);
        assert!(file.bytes.len() < 300_000, "{} {}: {} bytes", file.size, file.format, file.bytes.len());
    }
    assert!(made.placeholder.starts_with("data:image/webp;base64,UklGR"), "{}", made.placeholder);
    assert!(made.placeholder.len() < 400, "{} characters", made.placeholder.len());
    assert_eq!(make(&square).unwrap(), made, "the same bytes");
    // never enlarged
    assert_eq!(make(&square.at(640)).unwrap().sizes, [96, 320, 640]);
}

fn what_is_written_is_read_again_and_looks_alike() {
    let square = generated("Tum hi ho", &["Nada".to_owned()]).at(640);
    for file in make(&square).unwrap().files.iter().filter(|file| file.size == 640) {
        let Decoded { square: again, notices } = of(&file.bytes).unwrap();
        assert_eq!(notices, Vec::<String>::new());
        let apart = apart(square.pixels(), again.pixels());
        assert!(apart < 2.5, "{}: {apart}", file.format);
    }
}

fn a_child_reads_what_this_process_reads() {
    let wide = of(&png(900, 700, |x, _| if x < 450 { [255, 0, 0] } else { [0, 0, 255] })).unwrap();
    assert_eq!(wide.square.side(), 640);
    assert!(wide.notices[0].contains("900 × 700 pixels: the square in its middle"), "{:?}", wide.notices);
    assert_eq!(&wide.square.pixels()[..3], [255, 0, 0]);
    let gray = of(&png16(640, 0x8000)).unwrap();
    assert!(gray.square.pixels().iter().all(|value| *value == 128));
    let cmyk = of(&cmyk_jpeg()).unwrap();
    assert!(cmyk.notices.iter().any(|notice| notice.contains("CMYK")), "{:?}", cmyk.notices);
    // cyan without any other ink is no red
    let [r, g, b] = [cmyk.square.pixels()[0], cmyk.square.pixels()[1], cmyk.square.pixels()[2]];
    assert!(r < 60 && g > 120 && b > 180, "{r} {g} {b}");
}

fn pictures_are_turned_upright_and_their_exif_is_gone() {
    let upright = of(&jpeg(&corners(640))).unwrap().square;
    let secret = b"GPS 28.6139N";
    for orientation in 1..=8 {
        let turned = of(&with_exif(&jpeg(&corners(640)), orientation, secret)).unwrap().square;
        assert_eq!(turned == upright, orientation == 1, "{orientation}");
        if orientation == 6 {
            // the camera lay on its side: the top left comes from the bottom left
            let last = 640 * 639 * 3;
            assert!(apart(&turned.pixels()[..3], &upright.pixels()[last..last + 3]) < 12.0);
        }
        for file in make(&turned).unwrap().files {
            assert!(!file.bytes.windows(3).any(|window| window == b"GPS"), "{} {}", file.size, file.format);
            assert!(!file.bytes.windows(4).any(|window| window == b"Exif"), "{} {}", file.size, file.format);
        }
    }
}

fn profiles_are_changed_to_srgb() {
    let plain = png(640, 640, |_, _| [200, 60, 60]);
    let p3 = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let changed = of(&pictures::with_profile(&plain, &p3)).unwrap();
    assert_eq!(changed.notices, Vec::<String>::new());
    let [r, g, b] = [changed.square.pixels()[0], changed.square.pixels()[1], changed.square.pixels()[2]];
    // the same numbers in P3 are a stronger red
    assert!(r > 205 && g < 58 && b < 60, "{r} {g} {b}");
    let garbage = of(&pictures::with_profile(&plain, b"no profile")).unwrap();
    assert!(garbage.notices[0].contains("cannot be read"), "{:?}", garbage.notices);
    assert_eq!(&garbage.square.pixels()[..3], [200, 60, 60]);
}

fn what_is_transparent_lies_over_white() {
    let clear = of(&pictures::rgba(640, [10, 20, 30, 0])).unwrap().square;
    assert!(clear.pixels().iter().all(|value| *value == 255));
    let opaque = of(&pictures::rgba(640, [10, 20, 30, 255])).unwrap().square;
    assert_eq!(&opaque.pixels()[..3], [10, 20, 30]);
}

fn dimensions_are_judged_before_anything_is_decoded() {
    let started = Instant::now();
    for (width, height) in [(65_536, 65_536), (8_001, 700), (2_000_000_000, 1)] {
        let refused = of(&png_header(width, height)).unwrap_err();
        assert!(matches!(refused, ArtworkRefusal::Large { .. }), "{refused}");
    }
    for (width, height) in [(639, 640), (1, 1)] {
        let refused = of(&png_header(width, height)).unwrap_err();
        assert_eq!(refused, ArtworkRefusal::Small { width, height });
    }
    assert!(started.elapsed().as_secs() < 20);
}

fn bombs_and_broken_files_are_refused() {
    let whole = jpeg(&corners(700));
    let cut = &whole[..whole.len() / 2];
    let half_png = png(640, 640, |x, y| [x as u8, y as u8, 7]);
    for (name, bytes) in [
        ("a JPEG that is cut short", cut),
        ("a PNG that is cut short", &half_png[..half_png.len() / 2]),
        ("text", b"Dear label,\nhere is the cover of our album." as &[u8]),
        ("an empty file", b""),
        ("a name of RIFF", b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\x7f"),
        ("a name of AVIF", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf\xff\xff\xff\xffmeta"),
        ("a profile that is a bomb", &zip_bomb()),
    ] {
        match of(bytes) {
            Err(refused) => {
                assert!(!refused.to_string().contains('\n'), "{name}: {refused}");
                assert!(
                    matches!(
                        refused,
                        ArtworkRefusal::Broken(_)
                            | ArtworkRefusal::Unsupported(_)
                            | ArtworkRefusal::Large { .. }
                            | ArtworkRefusal::Small { .. }
                    ),
                    "{name}: {refused}"
                );
            }
            // what a decoder fills in is a picture; a bomb beside the pixels is left alone
            Ok(decoded) => {
                assert!(name.contains("JPEG") || name.contains("bomb"), "{name}: {:?}", decoded.notices)
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cover.png");
    fs::File::create(&path).unwrap().set_len(MOST_BYTES + 1).unwrap();
    let refused = read(&path, &child()).unwrap_err().to_string();
    assert!(
        refused.ends_with("more than the 32 MiB that are read of a picture; export it smaller"),
        "{refused}"
    );
    assert!(read(Path::new("/dev/zero"), &child()).unwrap_err().to_string().contains("not a file"));
    // every bit that flips ends in a picture or in one error
    let small = png(640, 640, |x, y| [(x / 64) as u8 * 20, (y / 64) as u8 * 20, 0]);
    for at in (0..small.len()).step_by(small.len() / 12 + 1) {
        let mut damaged = small.clone();
        damaged[at] ^= 0x40;
        let _ = of(&damaged);
    }
}

fn the_largest_picture_fits_the_limits() {
    let large = of(&png(8000, 8000, |x, y| [(x / 32) as u8, (y / 32) as u8, 90])).unwrap();
    assert_eq!((large.square.side(), large.notices.len()), (1280, 0));
    let deep = of(&pictures::png16_colour(8000)).unwrap();
    assert_eq!(deep.square.side(), 1280);
}

fn avif_of_another_encoder_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("in.png");
    let colours = |x: u32, y: u32| [(x / 4) as u8, (y / 4) as u8, 120];
    fs::write(&source, png(800, 800, colours)).unwrap();
    let expected = of(&fs::read(&source).unwrap()).unwrap().square;
    for (format, range) in [("yuv420p", "tv"), ("yuv444p", "pc"), ("yuv420p10le", "tv")] {
        let path = folder.path().join(format!("{format}-{range}.avif"));
        let filter = format!("scale=out_range={range}:out_color_matrix=bt709,format={format}");
        let made = std::process::Command::new("ffmpeg")
            .args(["-v", "error", "-y", "-i"])
            .arg(&source)
            .args([
                "-vf",
                &filter,
                "-c:v",
                "libaom-av1",
                "-still-picture",
                "1",
                "-crf",
                "10",
                "-cpu-used",
                "8",
            ])
            .args([
                "-colorspace",
                "bt709",
                "-color_primaries",
                "bt709",
                "-color_trc",
                "iec61966-2-1",
                "-color_range",
                range,
            ])
            .arg(&path)
            .status()
            .unwrap();
        assert!(made.success());
        let decoded = of(&fs::read(&path).unwrap()).unwrap();
        let apart = apart(expected.pixels(), decoded.square.pixels());
        assert!(apart < 2.0, "{format}: {apart}");
    }
}

fn a_child_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cover.png");
    fs::write(&path, png(640, 640, |_, _| [1, 2, 3])).unwrap();
    let script = |script: &str| Isolation::Child {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        stall: std::time::Duration::from_secs(20),
    };
    for (script_text, expected) in [
        ("printf 'A\\377\\377\\377\\377'", "something else than a picture"),
        ("printf 'A\\002\\000\\000\\000{}'", "something else than a picture"),
        ("printf 'P\\003\\000\\000\\000abc'", "something else than a picture"),
        ("echo cannot >&2; exit 3", "ended with status 3 before it was done: cannot"),
        ("kill -SEGV $$", "crashed (SIGSEGV)"),
    ] {
        let refused = read(&path, &script(script_text)).unwrap_err().to_string();
        assert!(refused.contains(expected), "{script_text}: {refused}");
    }
    let killed = read(&path, &script("kill -KILL $$")).unwrap_err();
    assert_eq!(killed.refusal, ArtworkRefusal::Killed);
}
