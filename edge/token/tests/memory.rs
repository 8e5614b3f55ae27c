//! What a hostile token makes the verifier allocate: a small multiple of the longest token, whatever lengths it
//! claims. One test alone, since the allocator counts for the whole process.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use nada_token::{Claims, Key, KeySet, MAX_TOKEN_CHARS, Refusal, verify};
use peak_alloc::PeakAlloc;
use sha2::Sha256;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const SECRET: [u8; 32] = [7; 32];
/// As many bytes as a token of the greatest length holds.
const MOST_BYTES: usize = MAX_TOKEN_CHARS / 4 * 3;
/// Lengths beyond every limit: counted in 4 bytes and in 8.
const CLAIMED: [u64; 4] = [1 << 16, (1 << 32) - 1, 1 << 32, 1 << 40];
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;

/// The head of an item in its shortest encoding.
fn head(major: u8, length: u64) -> Vec<u8> {
    let wide = length.to_be_bytes();
    let (info, argument) = match length {
        0..24 => (length as u8, &wide[8..]),
        24..0x100 => (24, &wide[7..]),
        0x100..0x1_0000 => (25, &wide[6..]),
        0x1_0000..0x1_0000_0000 => (26, &wide[4..]),
        _ => (27, &wide[..]),
    };
    [&[(major << 5) | info], argument].concat()
}

fn bytes(content: &[u8]) -> Vec<u8> {
    [head(BYTES, content.len() as u64), content.to_vec()].concat()
}

/// alg HMAC 256/256 and a kid.
fn protected() -> Vec<u8> {
    [&[0xa2, 0x01, 0x05, 0x04][..], &bytes(b"hostile")].concat()
}

/// A tagged CWT of a payload, under the key: what it claims is read only because its MAC is right.
fn sealed(payload: &[u8]) -> String {
    let message = [&[0x84][..], &head(TEXT, 4), b"MAC0", &bytes(&protected()), &bytes(&[]), &bytes(payload)];
    let mac = Hmac::<Sha256>::new_from_slice(&SECRET)
        .expect("a key of any length")
        .chain_update(message.concat())
        .finalize();
    let parts = [&[0xd8, 61, 0xd1, 0x84][..], &bytes(&protected()), &[0xa0], &bytes(payload)];
    BASE64_URL_SAFE_NO_PAD.encode([&parts.concat()[..], &bytes(&mac.into_bytes())].concat())
}

/// The same with `0x81`, an array of one, up to `length`: more levels than any reader may follow.
fn filled(start: &[u8], length: usize) -> Vec<u8> {
    let mut all = start.to_vec();
    all.resize(length, 0x81);
    all
}

/// Heads that claim `length` where the envelope is read, before the MAC.
fn before(length: u64) -> Vec<Vec<u8>> {
    let open = [0xd8, 61, 0xd1];
    let array = [&open[..], &[0x84]].concat();
    let header = [&array[..], &bytes(&protected())].concat();
    let payload = [&header[..], &[0xa0]].concat();
    let proof = [&payload[..], &bytes(&[0xa0])].concat();
    vec![
        [&open[..], &head(ARRAY, length)].concat(),
        [&array[..], &head(BYTES, length)].concat(),
        [&array[..], &bytes(&head(MAP, length))].concat(),
        [&array[..], &bytes(&[&[0xa1, 0x04][..], &head(BYTES, length)].concat())].concat(),
        [&header[..], &head(MAP, length)].concat(),
        [&header[..], &[0xa1, 0x04], &head(BYTES, length)].concat(),
        [&payload[..], &head(BYTES, length)].concat(),
        [&proof[..], &head(BYTES, length)].concat(),
    ]
}

/// Payloads that claim `length`, after the MAC.
fn after(length: u64) -> Vec<Vec<u8>> {
    // iss, sub, aud, cti, catnip, catu (path), catm, catgeoiso3166
    let labels: [&[u8]; 8] = [
        &[0x01],
        &[0x02],
        &[0x03],
        &[0x07],
        &[0x19, 0x01, 0x37],
        &[0x19, 0x01, 0x38, 0xa1, 0x03],
        &[0x19, 0x01, 0x39],
        &[0x19, 0x01, 0x3c],
    ];
    let claims = labels.iter().flat_map(|label| {
        // with one item before it, as of a list
        [BYTES, TEXT, ARRAY, MAP].map(|major| [&[0xa1], *label, &head(major, length)].concat())
    });
    let in_list = [&[0xa1, 0x19, 0x01, 0x3c, 0x82, 0x62][..], b"IN", &head(TEXT, length)].concat();
    let in_rule = [&[0xa1, 0x19, 0x01, 0x38, 0xa1, 0x03, 0xa1, 0x01][..], &head(TEXT, length)].concat();
    claims.chain([head(MAP, length), in_list, in_rule]).collect()
}

/// The most that verifying took at once, in bytes.
fn peak(token: &str, keys: &KeySet) -> (usize, Result<Claims, Refusal>) {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let verified = verify(token, keys);
    (ALLOCATOR.peak_usage() - before, verified)
}

#[test]
fn threat_11_nothing_is_allocated_for_what_is_only_claimed() {
    let keys = KeySet::new(vec![Key::hmac("hostile", &SECRET).unwrap()]).unwrap();
    let bound = 4 * MAX_TOKEN_CHARS;
    let refused = |token: &str| {
        let (peak, verified) = peak(token, &keys);
        assert!(verified.is_err() && peak <= bound, "{peak} bytes for {token:.80}: {verified:?}");
        peak
    };
    let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);

    // one length, whatever is claimed: then all that is allocated must be the same
    let [least, more @ ..] = CLAIMED;
    let of = |length| -> (Vec<usize>, Vec<usize>) {
        let outside = before(length).iter().map(|start| refused(&text(&filled(start, MOST_BYTES)))).collect();
        let inside =
            after(length).iter().map(|start| refused(&sealed(&filled(start, MOST_BYTES - 60)))).collect();
        (outside, inside)
    };
    for length in more {
        assert_eq!(of(length), of(least), "{length}");
    }

    // too long to be read at all: not even its text is decoded
    for bytes in [vec![0x81; 10_000], vec![0xa1; 16 * 1024], filled(&[0xd8, 61, 0xd1, 0x84], 10_000)] {
        assert_eq!(refused(&text(&bytes)), 0);
    }
    assert_eq!(refused(&sealed(&[0xbf; 16 * 1024])), 0);
    // nested as deep as fits, and a kid as long as fits
    refused(&text(&filled(&[0xd8, 61, 0xd1, 0x84], MOST_BYTES)));
    refused(&text(
        &[&[0xd8, 61, 0xd1, 0x84][..], &bytes(&[&[0xa1, 0x04][..], &bytes(&[b'k'; 3000])].concat())].concat(),
    ));
    // 256 countries, a good token: the most that a list of short items can make of its bytes
    let countries: Vec<u8> = (0..256).flat_map(|_| [0x62, b'I', b'N']).collect();
    let exp_and_uri = [&[0xa3, 0x04, 0x0a, 0x19, 0x01, 0x38, 0xa1, 0x03, 0xa1, 0x01, 0x61, b'/'][..]];
    let good = [exp_and_uri.concat(), vec![0x19, 0x01, 0x3c, 0x99, 0x01, 0x00], countries].concat();
    let (peak, verified) = peak(&sealed(&good), &keys);
    assert_eq!(verified.map(|claims| claims.countries.len()), Ok(256));
    assert!(peak <= bound, "{peak}");
}
