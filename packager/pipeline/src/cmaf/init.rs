//! The header of a track file: the media initialization section (RFC 8216 §3.3), `init.mp4` to players.

use mp4_atom::{
    Audio, Codec, Dfla, Dinf, Dref, DrefEntry, Encode, Esds, Flac, FlacMetadataBlock, FourCC, Ftyp, Hdlr,
    Mdhd, Mdia, Mehd, Minf, Moov, Mp4a, Mvex, Mvhd, Smhd, Stbl, Stco, Stsd, Tkhd, Trak, Trex, Url,
    esds::{DecoderConfig, DecoderSpecific, EsDescriptor, SLConfig},
};

use nada_catalog::Loudness;

use super::{TRACK_ID, loudness, protection};

/// What the initialization section states.
#[derive(Debug, Clone, Copy)]
pub struct TrackDescription<'a> {
    /// Output sampling rate in hertz, which is the timescale too.
    pub rate: u32,
    /// Output channels.
    pub channels: u8,
    /// Samples in one access unit.
    pub frame: u32,
    /// Samples of the media in all, those of priming included.
    pub total: u64,
    /// How it is coded.
    pub coding: Coding<'a>,
    /// The loudness of the track, where it has any.
    pub loudness: Option<&'a Loudness>,
    /// How it is protected, if it is.
    pub protection: Option<protection::TrackProtection<'a>>,
}

/// What depends on the codec.
#[derive(Debug, Clone, Copy)]
pub enum Coding<'a> {
    /// AAC.
    Aac {
        /// Nominal bit/s.
        bitrate: u32,
        /// The AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
        config: &'a [u8],
    },
    /// FLAC.
    Flac {
        /// Bits of a sample.
        depth: u8,
        /// Samples in all.
        samples: u64,
        /// The highest rate that the sample entry's 16 bits can state and that divides the true one.
        stated_rate: u32,
    },
}

/// Sample flags of audio (ISO/IEC 14496-12 §8.8.3.1): depends on no other sample, is a sync sample.
const SYNC_SAMPLE: u32 = 0x0200_0000;

/// The bytes of the header: `ftyp` and `moov`, no samples, no edit list.
///
/// # Errors
/// Where a value does not fit its box.
pub fn init(track: &TrackDescription<'_>) -> mp4_atom::Result<Vec<u8>> {
    let brand = |name: &[u8; 4]| FourCC::new(name);
    // a CMAF track, and for AAC its core media profile (ISO/IEC 23000-19 §7.2 and annex A)
    let mut compatible_brands = vec![brand(b"iso6"), brand(b"cmfc"), brand(b"mp41")];
    if matches!(track.coding, Coding::Aac { .. }) {
        compatible_brands.insert(2, brand(b"caac"));
    }
    let ftyp = Ftyp { major_brand: brand(b"iso6"), minor_version: 0, compatible_brands };
    let moov = Moov {
        mvhd: Mvhd {
            timescale: track.rate,
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: TRACK_ID + 1,
            ..Mvhd::default()
        },
        mvex: Some(Mvex {
            // what tells VLC how long the file is
            mehd: Some(Mehd { fragment_duration: track.total }),
            trex: vec![Trex {
                track_id: TRACK_ID,
                default_sample_description_index: 1,
                default_sample_duration: track.frame,
                default_sample_size: 0,
                default_sample_flags: SYNC_SAMPLE,
            }],
        }),
        trak: vec![trak(track)],
        ..Moov::default()
    };
    let (mut bytes, mut boxed) = (Vec::new(), Vec::new());
    ftyp.encode(&mut bytes)?;
    moov.encode(&mut boxed)?;
    if let Some(loudness) = track.loudness {
        append_to_trak(&mut boxed, &loudness::udta(loudness));
    }
    if let Some(protection) = &track.protection {
        protection::protect(&mut boxed, protection)?;
    }
    bytes.append(&mut boxed);
    Ok(bytes)
}

/// Puts a box at the end of the only `trak` in `moov`, which `mp4-atom` has no place for.
fn append_to_trak(moov: &mut Vec<u8>, child: &[u8]) {
    let size = |at: &[u8]| at.first_chunk().map_or(0, |size| u32::from_be_bytes(*size) as usize);
    let mut at = 8;
    while let Some(found) = moov.get(at..).filter(|rest| rest.len() >= 8) {
        let (length, is_trak) = (size(found), found.get(4..8) == Some(b"trak"));
        if !is_trak && length >= 8 {
            at += length;
            continue;
        }
        let end = (at + length).min(moov.len());
        for (start, length) in [(0, moov.len()), (at, length)] {
            let grown = ((length + child.len()) as u32).to_be_bytes();
            if let Some(field) = moov.get_mut(start..start + 4) {
                field.copy_from_slice(&grown);
            }
        }
        moov.splice(end..end, child.iter().copied());
        return;
    }
}

fn trak(track: &TrackDescription<'_>) -> Trak {
    Trak {
        tkhd: Tkhd {
            track_id: TRACK_ID,
            alternate_group: 1,
            enabled: true,
            in_movie: true,
            volume: 1.into(),
            ..Tkhd::default()
        },
        mdia: Mdia {
            mdhd: Mdhd { timescale: track.rate, language: "und".to_owned(), ..Mdhd::default() },
            hdlr: Hdlr { handler: FourCC::new(b"soun"), name: "audio".to_owned() },
            minf: Minf {
                smhd: Some(Smhd::default()),
                dinf: Dinf { dref: Dref { entries: vec![DrefEntry::Url(Url::default())] } },
                stbl: Stbl {
                    stsd: Stsd {
                        codecs: vec![match track.coding {
                            Coding::Aac { bitrate, config } => mp4a(track, bitrate, config),
                            Coding::Flac { depth, samples, stated_rate } => {
                                flac(track, depth, samples, stated_rate)
                            }
                        }],
                    },
                    stco: Some(Stco::default()),
                    ..Stbl::default()
                },
                ..Minf::default()
            },
        },
        ..Trak::default()
    }
}

/// The sample entry (ISO/IEC 14496-14 §6.7.2) with its elementary stream descriptor (ISO/IEC 14496-1 §7.2.6.5).
fn mp4a(track: &TrackDescription<'_>, bitrate: u32, config: &[u8]) -> Codec {
    Codec::Mp4a(Mp4a {
        audio: audio(track, 16, track.rate),
        esds: Esds {
            es_desc: EsDescriptor {
                dec_config: DecoderConfig {
                    object_type_indication: 0x40, // ISO/IEC 14496-3
                    stream_type: 5,               // audio
                    // the decoder's input buffer of 6144 bits per channel (ISO/IEC 14496-3 §4.5.3.1)
                    buffer_size_db: [0, track.channels.saturating_mul(3), 0].into(),
                    max_bitrate: bitrate,
                    avg_bitrate: bitrate,
                    dec_specific: Some(DecoderSpecific { raw: config.to_vec(), ..Default::default() }),
                    ..DecoderConfig::default()
                },
                sl_config: SLConfig::default(),
                ..EsDescriptor::default()
            },
        },
        btrt: None,
        taic: None,
    })
}

/// The sample entry of FLAC in ISO BMFF, with STREAMINFO (RFC 9639 §8.2). No MD5: it would be of the priming too.
fn flac(track: &TrackDescription<'_>, depth: u8, samples: u64, stated_rate: u32) -> Codec {
    let block = u16::try_from(track.frame).unwrap_or(u16::MAX);
    Codec::Flac(Flac {
        audio: audio(track, depth.into(), stated_rate),
        dfla: Dfla {
            blocks: vec![FlacMetadataBlock::StreamInfo {
                minimum_block_size: block,
                maximum_block_size: block,
                minimum_frame_size: [0; 3].into(),
                maximum_frame_size: [0; 3].into(),
                sample_rate: track.rate,
                num_channels_minus_one: track.channels - 1,
                bits_per_sample_minus_one: depth - 1,
                number_of_interchannel_samples: samples,
                md5_checksum: vec![0; 16],
            }],
        },
    })
}

/// What both begin with. 16.16 fixed point holds every AAC rate.
fn audio(track: &TrackDescription<'_>, depth: u16, rate: u32) -> Audio {
    Audio {
        data_reference_index: 1,
        channel_count: track.channels.into(),
        sample_size: depth,
        sample_rate: u16::try_from(rate).unwrap_or(0).into(),
    }
}
