//! `init.mp4`: the media initialization section (RFC 8216 §3.3).

use mp4_atom::{
    Audio, Codec, Dinf, Dref, DrefEntry, Encode, Esds, FourCC, Ftyp, Hdlr, Mdhd, Mdia, Minf, Moov, Mp4a,
    Mvex, Mvhd, Smhd, Stbl, Stco, Stsd, Tkhd, Trak, Trex, Url,
    esds::{DecoderConfig, DecoderSpecific, EsDescriptor, SLConfig},
};

use super::TRACK_ID;

/// What the initialization section states.
#[derive(Debug, Clone, Copy)]
pub struct Track<'a> {
    /// Output sampling rate in hertz, which is the timescale too.
    pub rate: u32,
    /// Output channels.
    pub channels: u8,
    /// Samples in one access unit.
    pub frame: u32,
    /// Nominal bit/s.
    pub bitrate: u32,
    /// The AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
    pub config: &'a [u8],
}

/// Sample flags of audio (ISO/IEC 14496-12 §8.8.3.1): depends on no other sample, is a sync sample.
const SYNC_SAMPLE: u32 = 0x0200_0000;

/// The bytes of `init.mp4`: `ftyp` and `moov`, no samples, no edit list.
///
/// # Errors
/// Where a value does not fit its box.
pub fn init(track: &Track<'_>) -> mp4_atom::Result<Vec<u8>> {
    let brand = |name: &[u8; 4]| FourCC::new(name);
    let ftyp = Ftyp {
        major_brand: brand(b"iso6"),
        minor_version: 0,
        // CMAF track, AAC core media profile (ISO/IEC 23000-19 §7.2 and annex A)
        compatible_brands: vec![brand(b"iso6"), brand(b"cmfc"), brand(b"caac"), brand(b"mp41")],
    };
    let moov = Moov {
        mvhd: Mvhd {
            timescale: track.rate,
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: TRACK_ID + 1,
            ..Mvhd::default()
        },
        mvex: Some(Mvex {
            mehd: None,
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
    let mut bytes = Vec::new();
    ftyp.encode(&mut bytes)?;
    moov.encode(&mut bytes)?;
    Ok(bytes)
}

fn trak(track: &Track<'_>) -> Trak {
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
                    stsd: Stsd { codecs: vec![Codec::Mp4a(mp4a(track))] },
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
fn mp4a(track: &Track<'_>) -> Mp4a {
    Mp4a {
        audio: Audio {
            data_reference_index: 1,
            channel_count: track.channels.into(),
            sample_size: 16,
            // 16.16 fixed point holds every AAC rate
            sample_rate: u16::try_from(track.rate).unwrap_or(0).into(),
        },
        esds: Esds {
            es_desc: EsDescriptor {
                dec_config: DecoderConfig {
                    object_type_indication: 0x40, // ISO/IEC 14496-3
                    stream_type: 5,               // audio
                    // the decoder's input buffer of 6144 bits per channel (ISO/IEC 14496-3 §4.5.3.1)
                    buffer_size_db: [0, track.channels.saturating_mul(3), 0].into(),
                    max_bitrate: track.bitrate,
                    avg_bitrate: track.bitrate,
                    dec_specific: Some(DecoderSpecific { raw: track.config.to_vec(), ..Default::default() }),
                    ..DecoderConfig::default()
                },
                sl_config: SLConfig::default(),
                ..EsDescriptor::default()
            },
        },
        btrt: None,
        taic: None,
    }
}
