//! Which keys have a place in a bucket's folder. Objects are files, so a key is a path, and one that leads out of its
//! bucket, to another object or through a link has none, though S3 itself would keep an object under it.

use std::path::Path;

use s3s::{S3Result, s3_error};

/// Bytes of a key: what S3 allows.
const KEY: usize = 1024;
/// Bytes of a file's name: what file systems allow.
const NAME: usize = 255;

/// Whether a key names a place below its bucket, and no other key the same one.
pub(super) fn check_key(bucket: &str, key: &str) -> S3Result<()> {
    let unfit =
        || s3_error!(InvalidArgument, "This endpoint keeps objects as files, and has no place for this key");
    if key.split('/').any(|part| matches!(part, "" | "." | "..")) || key.contains(is_unfit) {
        return Err(unfit());
    }
    // beside the object, both names in one, base64
    let beside = ".bucket-.object-.metadata.json".len() + (bucket.len() + key.len()).div_ceil(3) * 4 + 4;
    if key.len() > KEY || key.split('/').any(|part| part.len() > NAME) || beside > NAME {
        return Err(s3_error!(
            KeyTooLongError,
            "This endpoint keeps objects as files, and this key is too long"
        ));
    }
    Ok(())
}

/// Whether keys may begin so; the last part may be cut anywhere.
pub(super) fn check_prefix(prefix: &str) -> S3Result<()> {
    let parts = prefix.strip_suffix('/').unwrap_or(prefix);
    if prefix.is_empty()
        || !parts.split('/').any(|part| matches!(part, "" | "." | "..")) && !parts.contains(is_unfit)
    {
        return Ok(());
    }
    Err(s3_error!(InvalidArgument, "No key of this endpoint begins so"))
}

/// No part of the way from a bucket to an object may be a link: it may lead anywhere.
pub(super) fn check_links(root: &Path, bucket: &str, key: &str) -> S3Result<()> {
    let mut path = root.to_owned();
    for part in std::iter::once(bucket).chain(key.split('/')) {
        path.push(part);
        if path.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
            return Err(s3_error!(AccessDenied, "Links are not followed"));
        }
    }
    Ok(())
}

fn is_unfit(c: char) -> bool {
    c == '\\' || c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_in_their_bucket() {
        for key in ["a", "a/b.json", "...", "a/..b", "%2e%2e/a", "गीत/१.m4s", ".hidden", "a b+c"] {
            assert!(check_key("songs", key).is_ok(), "{key}");
        }
        let long = "a".repeat(256);
        let many = "a/".repeat(512) + "a";
        for key in [
            "",
            "/",
            "/a",
            "//a",
            "a/",
            "a//b",
            ".",
            "..",
            "../songs/a",
            "a/../b",
            "a/./b",
            "a/..",
            "./a",
            "..\\a",
            "a\\b",
            "a\0b",
            "a\nb",
            "\u{85}",
            &long,
            &many,
        ] {
            assert!(check_key("songs", key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn prefixes_stay_in_their_bucket() {
        for prefix in ["", "a", "a/", "a/b", "tracks/one/t"] {
            assert!(check_prefix(prefix).is_ok(), "{prefix}");
        }
        for prefix in ["/", "..", "../", "../songs", "a/../b", "a//", "./", "a\\", "a\0"] {
            assert!(check_prefix(prefix).is_err(), "{prefix:?}");
        }
    }
}
