//! What a CAF file states of its length (Apple Core Audio Format Specification 1.0: packet table and audio data).

use std::io::{Read, Seek, SeekFrom};

use super::{
    boxes::big,
    codecs::{by_letters, letters, refused},
    container::at,
    error::Refusal,
    lengths::{Part, Stated},
};

/// Chunks, at most.
const CHUNKS: usize = 10_000;

/// Bytes of an audio description, the longest chunk that is looked into.
const DESCRIPTION: usize = 32;

/// What is stated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caf {
    /// Bytes of audio, where they are stated.
    pub bytes: Option<u64>,
    /// Where the size of audio is not stated: the byte where it would be, and what it comes to.
    pub unstated: Option<(u64, u64)>,
    table: Option<Table>,
}

/// The head of a packet table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Table {
    packets: u64,
    valid: u64,
    priming: u64,
    remainder: u64,
}

/// Judges an audio description: rate, format, flags, then bytes and frames of a packet, channels and bits.
fn judge(description: &[u8]) -> Result<(), String> {
    let field = |index: usize| big(description, 16 + 4 * index, 4).unwrap_or(0);
    let (bytes, channels, bits) = (field(0), field(2), field(3));
    let id = description.get(8..12).unwrap_or_default();
    match id {
        // in packets of one frame; samples that do not fill their bytes are noise to a reader that takes them for full
        b"lpcm" if bytes == channels * (bits / 8) && [16, 24, 32, 64].contains(&bits) => Ok(()),
        b"lpcm" => Err(format!(
            "caf: samples of {bits} bits in {channels} channels in {bytes} bytes; write the file anew with 16, 24 or 32 \
             bits that fill their bytes"
        )),
        b"aac " | b"alac" | b"ulaw" | b"alaw" | b"flac" | b"opus" | b".mp3" => Ok(()),
        _ => Err(match by_letters(id) {
            Some(name) => refused("CAF", &format!("{name} ({})", letters(id))),
            None => refused("CAF", &format!("a codec that is not known ({})", letters(id))),
        }),
    }
}

/// Whether a chunk may be called so.
fn is_name(name: &[u8]) -> bool {
    name.iter().all(|byte| (b' '..=b'~').contains(byte))
}

impl Caf {
    /// Walks the chunks from `offset` on.
    ///
    /// # Errors
    /// Where a second file or a second chunk of audio follows.
    pub fn read(input: &mut (impl Read + Seek), offset: u64) -> Result<Self, Refusal> {
        let length = input.seek(SeekFrom::End(0))?;
        let (mut place, mut caf, mut audio) = (offset + 8, Self::default(), 0);
        for _ in 0..CHUNKS {
            let head = at(input, place, 12 + DESCRIPTION)?;
            let (Some(name), Some(size)) = (head.get(..4), big(&head, 4, 8)) else { break };
            let field = |from: usize, count| big(&head, 12 + from, count);
            match name {
                b"caff" => {
                    let reason = "a second CAF file begins there, as where two were joined".to_owned();
                    return Err(Refusal::Broken { offset: place, reason });
                }
                b"desc" => judge(head.get(12..).unwrap_or_default()).map_err(Refusal::Unsupported)?,
                b"data" if audio > 0 => {
                    let reason = "a second chunk of audio begins there: a song is one".to_owned();
                    return Err(Refusal::Broken { offset: place, reason });
                }
                b"data" if size < u64::MAX / 2 && size > length.saturating_sub(place + 12) => {
                    let reason = "the file ends in the middle of its audio".to_owned();
                    return Err(Refusal::Broken { offset: length, reason });
                }
                b"data" => {
                    audio += 1;
                    let rest = length.saturating_sub(place + 12);
                    // −1 of a writer into a pipe; 0 of one that ended before it came back
                    let never = size == 0 && rest > 4 && !head.get(12..16).is_some_and(is_name);
                    if size > u64::MAX / 2 || never {
                        caf.unstated = Some((place + 4, rest));
                        break;
                    }
                    caf.bytes = size.checked_sub(4);
                }
                b"pakt" => {
                    caf.table = field(0, 8).zip(field(8, 8)).zip(field(16, 4)).zip(field(20, 4)).map(
                        |(((packets, valid), priming), remainder)| Table {
                            packets,
                            valid,
                            priming,
                            remainder,
                        },
                    );
                }
                _ => (),
            }
            let Some(next) = place.checked_add(12).and_then(|body| body.checked_add(size)) else { break };
            if next >= length {
                break;
            }
            place = next;
        }
        Ok(caf)
    }

    /// The part that the packet table states, where a packet counted as `ticks` samples gives `frame` of them, and what
    /// states its length; without a table that is `samples`, by the size of the data. A table that does not go with
    /// its packets is left out of account.
    pub fn extent(
        &self,
        ticks: u64,
        frame: u64,
        samples: Option<u64>,
        notices: &mut Vec<String>,
    ) -> (Part, Vec<Stated>) {
        let Some(table) = self.table.filter(|table| table.valid > 0 && table.packets > 0) else {
            let stated = samples.map(|samples| Stated { by: "its data chunk", samples, slack: 0 });
            return (Part::default(), stated.into_iter().collect());
        };
        let scale = |number: u64| {
            let samples = u128::from(number) * u128::from(frame) / u128::from(ticks.max(1));
            u64::try_from(samples).unwrap_or(u64::MAX)
        };
        let sum = table.valid.saturating_add(table.priming).saturating_add(table.remainder);
        if scale(sum).abs_diff(scale(table.packets.saturating_mul(ticks))) > 2 * scale(ticks) {
            notices.push(
                "its packet table (pakt) does not count its packets and is left out of account".to_owned(),
            );
            return Default::default();
        }
        let samples = scale(table.valid);
        // a writer may count the padding of the last packet
        let stated = Stated { by: "its packet table (pakt)", samples, slack: scale(ticks) };
        (Part { skip: scale(table.priming), length: Some(samples), stated: true }, vec![stated])
    }
}
