//! Whether the answer to a write comes from a store that has the bytes: anything may answer 200.

use aws_sdk_s3::{operation::put_object::PutObjectOutput, primitives::ByteStream};
use bytes::{Bytes, BytesMut};
use md5::{Digest as _, Md5};

use super::Sha256Sum;

/// What an answer says of the bytes that were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PutConfirmation {
    /// The store has them.
    Ours,
    /// The store has others, of this SHA-256.
    Others(Sha256Sum),
    /// Nothing that could be held against them: they have to be looked up.
    Nothing,
}

impl PutConfirmation {
    /// By the SHA-256, which a store that keeps it repeats; else by an entity tag that is the MD5, as of one part without
    /// a key of its own. A tag of another form, or of another value, says nothing: with SSE-KMS it looks the same.
    pub(crate) fn of(
        answer: &PutObjectOutput,
        sha256: Sha256Sum,
        md5: impl FnOnce() -> Option<[u8; 16]>,
    ) -> Self {
        match answer.checksum_sha256().and_then(Sha256Sum::from_base64) {
            Some(sum) if sum == sha256 => return Self::Ours,
            Some(sum) => return Self::Others(sum),
            None => {}
        }
        let tag = answer.e_tag().unwrap_or_default().trim_matches('"');
        let is_md5 = tag.len() == 32 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
        match is_md5.then(md5).flatten() {
            Some(ours) if hex(&ours).eq_ignore_ascii_case(tag) => Self::Ours,
            _ => Self::Nothing,
        }
    }
}

/// The MD5 of bytes at hand.
pub(crate) fn md5_of(bytes: &[u8]) -> Option<[u8; 16]> {
    Some(Md5::digest(bytes).into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A body of at most `limit` bytes, whatever length it was said to have; `Err` with the bytes that had come by then.
pub(crate) async fn collect(
    mut body: ByteStream,
    limit: u64,
) -> Result<Result<Bytes, u64>, aws_sdk_s3::primitives::ByteStreamError> {
    let mut bytes = BytesMut::new();
    while let Some(part) = body.next().await {
        bytes.extend_from_slice(&part?);
        if bytes.len() as u64 > limit {
            return Ok(Err(bytes.len() as u64));
        }
    }
    Ok(Ok(bytes.freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_held_against_what_was_written() {
        let (ours, others) = (Sha256Sum::of(b"ours"), Sha256Sum::of(b"others"));
        let md5 = hex(&md5_of(b"ours").unwrap());
        let quoted = format!("\"{md5}\"");
        let judged = |sha256: Option<String>, tag: Option<&str>| {
            let answer =
                PutObjectOutput::builder().set_checksum_sha256(sha256).set_e_tag(tag.map(Into::into));
            PutConfirmation::of(&answer.build(), ours, || md5_of(b"ours"))
        };
        let of_kms = Some("\"d41d8cd98f00b204e9800998ecf8427e\"");
        for (sha256, tag, expected) in [
            (Some(ours.to_base64()), None, PutConfirmation::Ours),
            (Some(ours.to_base64()), of_kms, PutConfirmation::Ours),
            (Some(others.to_base64()), Some(&*quoted), PutConfirmation::Others(others)),
            (None, Some(&*quoted), PutConfirmation::Ours),
            (None, Some(&*md5.to_uppercase()), PutConfirmation::Ours),
            (None, of_kms, PutConfirmation::Nothing),
            (None, Some("\"0123-2\""), PutConfirmation::Nothing),
            (None, Some(""), PutConfirmation::Nothing),
            (None, None, PutConfirmation::Nothing),
            (Some(format!("{}-2", ours.to_base64())), None, PutConfirmation::Nothing),
            (Some("no sum".to_owned()), None, PutConfirmation::Nothing),
        ] {
            assert_eq!(judged(sha256.clone(), tag), expected, "{sha256:?} {tag:?}");
        }
    }

    #[tokio::test]
    async fn a_body_is_bounded_whatever_was_said_of_it() {
        let body = |length: usize| ByteStream::from(vec![0; length]);
        assert_eq!(collect(body(4), 4).await.unwrap().unwrap().len(), 4);
        assert_eq!(collect(body(5), 4).await.unwrap(), Err(5));
    }
}
