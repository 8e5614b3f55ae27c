//! Hostile files and hostile children. The suite is its own decoding child: `hostile decode FILE`.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "hostile/attempts.rs"]
mod attempts;
mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use libtest_mimic::{Arguments, Trial};
use nada_pipeline::{Isolation, Refusal, Source, decode_child};
use support::{LOSSLESS, LOSSY, convert, decode, decode_in, noise, read, stereo_noise, wav, write_wav};

const TESTS: [(&str, fn()); 12] = [
    ("a_child_decodes_what_this_process_decodes", a_child_decodes_what_this_process_decodes),
    ("refusals_come_through_as_they_are", refusals_come_through_as_they_are),
    ("truncated_files_are_refused_with_an_offset", truncated_files_are_refused_with_an_offset),
    ("damaged_files_end_in_audio_or_in_an_error", damaged_files_end_in_audio_or_in_an_error),
    ("absurd_sizes_end_in_an_error", absurd_sizes_end_in_an_error),
    ("whatever_a_child_dies_of_is_one_clear_error", whatever_a_child_dies_of_is_one_clear_error),
    (
        "a_child_killed_from_outside_is_not_the_files_fault",
        a_child_killed_from_outside_is_not_the_files_fault,
    ),
    ("a_child_is_not_trusted", a_child_is_not_trusted),
    (
        "a_child_that_stalls_is_stopped_with_all_it_started",
        a_child_that_stalls_is_stopped_with_all_it_started,
    ),
    (
        "a_child_has_no_credentials_and_ends_with_its_reader",
        a_child_has_no_credentials_and_ends_with_its_reader,
    ),
    ("a_child_can_read_write_have_memory_and_end", a_child_can_read_write_have_memory_and_end),
    ("a_parent_is_hidden", a_parent_is_hidden),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next();
    if let Some(confined) = first.as_ref().and_then(|first| first.to_str()?.strip_prefix("attempt-")) {
        attempts::run(confined == "confined");
        return ExitCode::SUCCESS;
    }
    if first.is_some_and(|first| first == "decode") {
        let file = PathBuf::from(arguments.next().unwrap());
        return match decode_child(&file) {
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

/// This program as a decoding child.
fn child() -> Isolation {
    Isolation::child(std::env::current_exe().unwrap(), vec!["decode".into()])
}

/// A shell script in the place of a decoding child.
fn script(script: &str) -> Isolation {
    Isolation::Child {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        stall: Duration::from_secs(20),
    }
}

/// Why a child fails on a file that is in order.
fn failure(isolation: &Isolation) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wav(&path, 48_000, 2, &noise(20_000, 0.5));
    match decode_in(&path, isolation) {
        Err(refusal @ Refusal::Decoder(_)) => refusal.to_string(),
        other => panic!("{other:?}"),
    }
}

fn a_child_decodes_what_this_process_decodes() {
    let folder = tempfile::tempdir().unwrap();
    // a name that is an option, with a line break
    let (source, path) = (folder.path().join("a.wav"), folder.path().join("-c\nsong.m4a"));
    write_wav(&source, 44_100, 2, &stereo_noise(300_000));
    convert(&source, &path, &["-c:a", "alac"]);
    assert_eq!(decode_in(&path, &child()).unwrap(), decode(&path));
    // a reader that stops early is not an error
    let source = Source::open(&path, &child()).unwrap();
    let mut blocks = 0;
    source
        .decode(&|_| (), &mut |_| {
            blocks += 1;
            false
        })
        .unwrap();
    assert_eq!(blocks, 1);
    // six channels: the notice comes along
    let path = folder.path().join("six.wav");
    write_wav(&path, 44_100, 6, &noise(6_000, 0.0));
    assert_eq!(decode_in(&path, &child()).unwrap(), decode(&path));
}

fn refusals_come_through_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wav(&path, 4_000, 2, &noise(20_000, 0.5));
    assert_eq!(decode_in(&path, &child()).unwrap_err(), Refusal::Rate(4_000));
    wav(&path, 48_000, 2, &noise(20_000, 0.5));
    let bytes = read(&path);
    fs::write(&path, &bytes[..50_001]).unwrap();
    let here = decode_in(&path, &Isolation::InProcess).unwrap_err();
    assert!(matches!(here, Refusal::Broken { offset: 50_000, .. }), "{here:?}");
    assert_eq!(decode_in(&path, &child()).unwrap_err(), here);
    assert_eq!(decode_in(folder.path(), &child()).unwrap_err(), Refusal::NotAFile);
    assert!(matches!(
        decode_in(&folder.path().join("absent"), &child()).unwrap_err(),
        Refusal::Unreadable(_)
    ));
}

/// The formats that hostile files are made of, small.
fn samples_of_all(folder: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let source = folder.join("a.wav");
    wav(&source, 48_000, 2, &noise(20_000, 0.5));
    LOSSLESS
        .iter()
        .chain(&LOSSY)
        .map(|(name, options, _)| {
            let path = folder.join(name);
            convert(&source, &path, options);
            (*name, read(&path))
        })
        .collect()
}

fn truncated_files_are_refused_with_an_offset() {
    let folder = tempfile::tempdir().unwrap();
    for (name, whole) in samples_of_all(folder.path()) {
        let cut = folder.path().join(format!("cut-{name}"));
        // an MP3 whose tag counts itself looks like one whose last frame is missing
        for part in 1..if name.ends_with("mp3") { 18 } else { 20 } {
            let end = whole.len() * part / 20;
            fs::write(&cut, &whole[..end]).unwrap();
            let Err(refusal) = decode_in(&cut, &child()) else {
                panic!("{name}: cut at byte {end} of {} and not refused", whole.len());
            };
            match refusal {
                Refusal::Broken { offset, .. } => assert!(offset <= end as u64, "{name}: {offset} of {end}"),
                Refusal::Unsupported(_) | Refusal::NoAudio => (),
                other => panic!("{name} cut at {end}: {other}"),
            }
        }
    }
}

fn damaged_files_end_in_audio_or_in_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (name, whole) in samples_of_all(folder.path()) {
        let path = folder.path().join(format!("damaged-{name}"));
        for seed in 0..60_u64 {
            let mut random = support::random(seed);
            let mut bytes = whole.clone();
            // the first ones hit the headers
            let within = if seed < 30 { bytes.len().min(400) } else { bytes.len() };
            for _ in 0..1 + seed % 8 {
                let at = random() as usize % within;
                match seed % 3 {
                    0 => bytes[at] ^= 1 << (random() % 8),
                    1 => bytes[at] = random() as u8,
                    _ => bytes[at] = 0xff,
                }
            }
            if seed % 5 == 4 {
                bytes.truncate(random() as usize % bytes.len());
            }
            fs::write(&path, bytes).unwrap();
            if let Ok((_, decoded, _)) = decode_in(&path, &child()) {
                assert!(decoded.iter().all(|sample| sample.is_finite()), "{name}, {seed}");
            }
        }
    }
}

fn absurd_sizes_end_in_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (source, path) = (folder.path().join("a.wav"), folder.path().join("a.m4a"));
    wav(&source, 48_000, 2, &noise(200_000, 0.5));
    convert(&source, &path, &["-c:a", "aac"]);
    let whole = read(&path);
    let place = |kind: &[u8]| whole.windows(4).position(|window| window == kind).unwrap();
    // a codec's configuration of 1 GiB, in a file that has as much
    let huge = folder.path().join("huge.caf");
    convert(&source, &huge, &["-c:a", "alac"]);
    let mut bytes = read(&huge);
    let cookie = bytes.windows(4).position(|window| window == b"kuki").unwrap();
    bytes[cookie + 4..][..8].copy_from_slice(&(1_u64 << 30).to_be_bytes());
    fs::write(&huge, &bytes).unwrap();
    fs::File::options().write(true).open(&huge).unwrap().set_len(3 << 30).unwrap();
    let refusal = decode_in(&huge, &child()).unwrap_err();
    assert_eq!(refusal, Refusal::Decoder("ran out of memory".to_owned()));

    for kind in [b"stsz", b"stco", b"stts", b"stsc", b"elst", b"ilst", b"moov", b"trak", b"mdhd"] {
        for by in [-4_i32, 4, 8, 12] {
            for value in [0, 0x7fff_ffff, 0xffff_ffff_u32] {
                let mut bytes = whole.clone();
                let at = place(kind).checked_add_signed(by as isize).unwrap();
                bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
                fs::write(&path, &bytes).unwrap();
                if let Err(refusal) = decode_in(&path, &child()) {
                    assert!(!refusal.to_string().contains("SIG"), "{refusal}");
                }
            }
        }
    }
}

fn whatever_a_child_dies_of_is_one_clear_error() {
    for (text, expected) in [
        ("kill -SEGV $$", "crashed (SIGSEGV)"),
        ("kill -ABRT $$", "crashed (SIGABRT)"),
        ("kill -XCPU $$", "s of processor time"),
        ("exit 3", "ended with status 3"),
        ("exit 0", "ended with status 0"),
        ("echo cannot open it >&2; exit 1", "ended with status 1 before it was done: cannot open it"),
        ("echo memory allocation of 3000000000 bytes failed >&2; kill -ABRT $$", "ran out of its 256 MiB"),
    ] {
        let failure = failure(&script(text));
        assert!(failure.contains(expected), "{text}: {failure}");
    }
    let missing = Isolation::child("/does/not/exist".into(), vec![]);
    assert!(failure(&missing).contains("could not be started (/does/not/exist)"));
}

/// As the system does when memory runs out.
fn a_child_killed_from_outside_is_not_the_files_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wav(&path, 48_000, 2, &noise(20_000, 0.5));
    // it tells its process id, and works on
    let pid_file = folder.path().join("pid");
    let works = script(&format!("echo $$ > {0}.new; mv {0}.new {0}; sleep 60", pid_file.display()));
    let killer = std::thread::spawn(move || {
        let pid = loop {
            match fs::read_to_string(&pid_file) {
                Ok(pid) => break pid,
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        // with what it started: that has the same output
        let group = format!("-{}", pid.trim());
        assert!(Command::new("kill").args(["-KILL", "--", &group]).status().unwrap().success());
    });
    assert_eq!(decode_in(&path, &works).unwrap_err(), Refusal::Killed);
    killer.join().unwrap();
    // one that only closes its output is killed by us
    assert_eq!(failure(&script("exec >&-; sleep 60")), "the decoder closed its output and was stopped");
    // and none can claim it
    let claims = r#"printf 'E\024\0\0\0{"Refused":"Killed"}'"#;
    assert!(failure(&script(claims)).contains("something else than audio"));
}

fn a_child_is_not_trusted() {
    const FORMAT: &str =
        r#"printf 'F\107\0\0\0{"format":{"rate":44100,"depth":null},"total":null}......................'"#;
    let opened = |rest: &str| {
        let json = r#"{"format":{"rate":44100,"depth":null},"total":null}"#;
        format!("printf 'F\\{:o}\\0\\0\\0{json}'; {rest}", json.len())
    };
    for text in [
        FORMAT.to_owned(),
        "cat /bin/sh".to_owned(),
        "echo hello; echo hello".to_owned(),
        r"printf 'F\377\377\377\377'; cat /dev/zero".to_owned(),
        r"printf 'B\0\0\0\0'".to_owned(),
        r"printf 'E\4\0\0\0true'".to_owned(),
        opened(r"printf 'B\377\377\377\177'; cat /dev/zero"),
        opened(r"printf 'B\7\0\0\0.......'"),
        // NaN
        opened(r"printf 'B\10\0\0\0\0\0\300\177\0\0\300\177'"),
        opened("cat /dev/zero"),
        opened(&opened("true")),
    ] {
        let failure = failure(&script(&text));
        assert!(failure.contains("something else than audio"), "{text}: {failure}");
    }
    // one that says it is done and stays is not waited for
    let done = r#"{"Decoded":{"notices":[]}}"#;
    let stays = opened(&format!("printf 'E\\{:o}\\0\\0\\0{done}'; exec sleep 1000", done.len()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    fs::write(&path, "x").unwrap();
    assert_eq!(decode_in(&path, &script(&stays)).unwrap().1, [0.0; 0]);
    // a stream that breaks off, and one that goes on for ever
    assert!(failure(&script(&opened("exit 0"))).contains("ended with status 0 before it was done"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    fs::write(&path, "x").unwrap();
    let endless = opened(r"while printf 'B\10\0\0\0\0\0\0\0\0\0\0\0'; do :; done");
    let source = Source::open(&path, &script(&endless)).unwrap();
    let mut left = 1_000;
    source
        .decode(&|_| (), &mut |_| {
            left -= 1;
            left > 0
        })
        .unwrap();
    // words for people hold nothing that a terminal obeys
    let message = failure(&script("printf 'a\\033[2Jb' >&2; exit 1"));
    assert!(message.ends_with("a[2Jb"), "{message:?}");
}

fn a_child_that_stalls_is_stopped_with_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("pid");
    let text = format!("sleep 1000 & echo $! > {}; wait", note.display());
    let Isolation::Child { program, arguments, .. } = script(&text) else { unreachable!() };
    let impatient = Isolation::Child { program, arguments, stall: Duration::from_millis(700) };
    let failure = failure(&impatient);
    assert!(failure.contains("gave nothing for 0.7 s"), "{failure}");
    // the grandchild, too
    let pid = fs::read_to_string(note).unwrap();
    let state = || fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    let gone = || {
        state().rsplit(')').next().is_none_or(|rest| rest.is_empty() || rest.trim_start().starts_with('Z'))
    };
    let ended = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        gone()
    });
    assert!(ended, "{}", state());
}

fn a_child_has_no_credentials_and_ends_with_its_reader() {
    // the environment is not this process', so that nothing in it can leak
    let failure = failure(&script("env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= -e ^OLDPWD= >&2; exit 1"));
    assert!(failure.ends_with("ended with status 1 before it was done"), "{failure}");

    // a parent that dies leaves no child behind: its pipe breaks
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.wav");
    write_wav(&path, 48_000, 2, &stereo_noise(2_000_000));
    let mut process = Command::new(std::env::current_exe().unwrap())
        .arg("decode")
        .arg(&path)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    let status = process.wait().unwrap();
    assert_eq!(status.code(), Some(1));
}

/// What a child could do and can no longer, tried by this program in its place.
fn a_child_can_read_write_have_memory_and_end() {
    let tried = |how: &str| {
        let output = Command::new(std::env::current_exe().unwrap()).arg(how).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let stdout = String::from_utf8(output.stdout).unwrap();
        stdout
            .lines()
            .map(|line| line.split_once(' ').unwrap())
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .collect()
    };
    let free: Vec<(String, String)> = tried("attempt-free");
    let confined: Vec<(String, String)> = tried("attempt-confined");
    assert!(confined.len() >= 15 && confined.len() == free.len(), "{confined:?}");
    for ((name, outcome), (_, before)) in confined.iter().zip(&free) {
        let kept = name.starts_with("kept-");
        assert_eq!(outcome, if kept { "done" } else { "refused" }, "{name}");
        assert_eq!(before, "done", "{name} is no attempt: it fails without a sandbox too");
    }
}

fn a_parent_is_hidden() {
    use rustix::process::{DumpableBehavior, dumpable_behavior};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wav(&path, 48_000, 2, &noise(20_000, 0.5));
    decode_in(&path, &child()).unwrap();
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    // the superuser may read what is hidden from all others
    if !rustix::process::geteuid().is_root() {
        let message = failure(&script("cat /proc/$PPID/environ >&2"));
        assert!(message.contains("Permission denied"), "{message}");
    }
}
