//! ffmpeg's HLS muxer (written against 5.1). What is common to all: it never writes EXT-X-INDEPENDENT-SEGMENTS by
//! itself (H314), transport streams begin with its service description instead of PAT and PMT (H422), fMP4 has an
//! edit list for the encoder's priming (H418) and no loudness (H417).

use std::{collections::BTreeMap, fs, path::Path};

use super::{found, run};

/// 20 s of noise as stereo AAC, in four segments, with these options of the muxer.
fn ffmpeg(folder: &Path, options: &str, playlist: &str) -> BTreeMap<&'static str, usize> {
    let source =
        "-v error -f lavfi -i anoisesrc=d=20:c=pink:a=0.5:s=1:r=44100 -ac 2 -c:a aac -b:a 96k -hls_time 6";
    let options = format!("{source} {options} -f hls {playlist}");
    run(folder, Path::new("ffmpeg"), &options.split(' ').collect::<Vec<_>>());
    found(folder, entry(&options, playlist))
}

/// The multivariant playlist where one is asked for.
fn entry<'a>(options: &'a str, playlist: &'a str) -> &'a str {
    let after = options.split_once("-master_pl_name ").map(|(_, after)| after);
    after.and_then(|after| after.split(' ').next()).unwrap_or(playlist)
}

#[test]
fn transport_streams() {
    let folder = tempfile::tempdir().unwrap();
    let found = ffmpeg(folder.path(), "-hls_list_size 0", "a.m3u8");
    // H306: it ended, and is of no type unless that is asked for
    assert_eq!(found, BTreeMap::from([("H306", 1), ("H314", 1), ("H422", 4)]));
}

#[test]
fn fragments_with_a_multivariant_playlist() {
    let folder = tempfile::tempdir().unwrap();
    let options = "-hls_playlist_type vod -hls_segment_type fmp4 -master_pl_name main.m3u8";
    // H204: ffmpeg states AVERAGE-BANDWIDTH where the encoder is told a peak rate, and it was not
    assert_eq!(
        ffmpeg(folder.path(), options, "a.m3u8"),
        BTreeMap::from([("H204", 1), ("H314", 1), ("H417", 1), ("H418", 1)])
    );
}

#[test]
fn byte_ranges_of_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let options = "-hls_playlist_type vod -hls_segment_type fmp4 -hls_flags single_file";
    let expected = BTreeMap::from([("H314", 1), ("H417", 1), ("H418", 1)]);
    assert_eq!(ffmpeg(folder.path(), options, "a.m3u8"), expected);
    // cut short, the last range reaches beyond the file
    let file = fs::OpenOptions::new().write(true).open(folder.path().join("a.m4s")).unwrap();
    file.set_len(file.metadata().unwrap().len() - 1000).unwrap();
    let found = found(folder.path(), "a.m3u8");
    assert_eq!((found.get("H308"), found.get("H402")), (Some(&1), Some(&1)), "{found:?}");
}

#[test]
fn pictures_beside_sound() {
    let folder = tempfile::tempdir().unwrap();
    let options = "-v error -f lavfi -i anoisesrc=d=20:r=44100 -f lavfi -i testsrc=d=20:s=160x120:r=25 -ac 2 -c:a aac \
                   -c:v libx264 -preset ultrafast -g 50 -hls_time 6 -hls_playlist_type vod -f hls a.m3u8";
    run(folder.path(), Path::new("ffmpeg"), &options.split_ascii_whitespace().collect::<Vec<_>>());
    // H419: the pictures are not judged
    assert_eq!(found(folder.path(), "a.m3u8"), BTreeMap::from([("H314", 1), ("H419", 1), ("H422", 4)]));
}

#[test]
fn encrypted_segments() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key"), [7; 16]).unwrap();
    fs::write(folder.path().join("key.info"), "key\nkey\n").unwrap();
    let found = ffmpeg(folder.path(), "-hls_playlist_type vod -hls_key_info_file key.info", "a.m3u8");
    // H419: what cannot be looked into is said, once, and nothing is held against it
    assert_eq!(found, BTreeMap::from([("H314", 1), ("H419", 1)]));
}

/// With fragments shorter than segments, ffmpeg 5.1 puts those of the first segment into the initialization section
/// and leaves that segment empty: H404, H406 and what follows from it for EXTINF (H321, H322).
#[test]
fn several_fragments_in_a_segment() {
    let folder = tempfile::tempdir().unwrap();
    let options = "-hls_playlist_type vod -hls_segment_type fmp4 -hls_segment_options frag_duration=1000000";
    let mut found = ffmpeg(folder.path(), options, "a.m3u8");
    let bug = ["H321", "H322", "H404", "H406"].map(|rule| found.remove(rule));
    assert!(bug == [Some(1); 4] || bug == [None; 4], "{bug:?}");
    assert_eq!(found, BTreeMap::from([("H314", 1), ("H417", 1), ("H418", 1)]));
}

#[test]
fn two_variants() {
    let folder = tempfile::tempdir().unwrap();
    let mut options =
        "-v error -f lavfi -i anoisesrc=d=20:c=pink:a=0.5:s=1:r=44100 -map 0:a -map 0:a -ac 2 -c:a aac \
                       -b:a:0 48k -b:a:1 96k -hls_time 6 -hls_playlist_type vod -master_pl_name main.m3u8 \
                       -var_stream_map"
            .split(' ')
            .collect::<Vec<_>>();
    options.extend(["a:0 a:1", "-f", "hls", "v%v.m3u8"]);
    run(folder.path(), Path::new("ffmpeg"), &options);
    // their boundaries are the same, so only what is common to all is found, and H204 for each variant
    assert_eq!(found(folder.path(), "main.m3u8"), BTreeMap::from([("H204", 2), ("H314", 2), ("H422", 8)]));
}
