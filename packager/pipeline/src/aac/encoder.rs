//! The FDK's encoder.
#![allow(unsafe_code)]

use std::{ffi::c_void, ptr};

use fdk_aac_sys as fdk;

use super::profile::{CHANNELS, ObjectType, Profile};
use crate::geometry::HEADER_PERIOD;

/// The encoder refused its settings or a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AacError {
    /// A call failed with one of the FDK's `AACENC_ERROR` codes.
    #[error("the AAC encoder failed at {step} with code {code:#x}")]
    Refused {
        /// What was being done.
        step: &'static str,
        /// The FDK's code.
        code: u32,
    },
    /// It was given something else than the samples of one access unit.
    #[error("the AAC encoder was given {0} values, not those of one access unit")]
    Portion(usize),
    /// It looks further ahead than a chunk of the source carries.
    #[error("the AAC encoder looks {0} samples ahead, more than are there")]
    Delay(u32),
    /// The encoder would run at another bit rate than asked for.
    #[error("the AAC encoder makes {got} bit/s of {asked} bit/s at {rate} Hz")]
    Bitrate {
        /// Bit/s asked for.
        asked: u32,
        /// Bit/s it would make.
        got: u32,
        /// Sampling rate in hertz.
        rate: u32,
    },
}

/// An AAC encoder: interleaved stereo 16-bit samples in, raw access units out.
pub struct Encoder {
    handle: fdk::HANDLE_AACENCODER,
    output: Vec<u8>,
    frame: u32,
    delay: u32,
    config: Vec<u8>,
}

/// Samples that the source is ahead of the delay that the FDK reports. With SBR alone its low band, by which a sound
/// is placed, decodes 0.9 to 1.2 samples early (by correlation, three recordings at 44.1 and 48 kHz); with parametric stereo
/// 0.3 to 0.6, in LC not at all.
fn early(profile: Profile) -> u32 {
    u32::from(profile.object_type == ObjectType::He)
}

fn check(step: &'static str, code: fdk::AACENC_ERROR) -> Result<(), AacError> {
    if code == fdk::AACENC_ERROR_AACENC_OK { Ok(()) } else { Err(AacError::Refused { step, code }) }
}

impl Encoder {
    /// Opens an encoder for `profile`: constant bit rate, explicit hierarchical signalling of
    /// SBR and PS, an SBR header every [`HEADER_PERIOD`] access units.
    ///
    /// # Errors
    /// Where the encoder refuses a setting, or would silently take another bit rate.
    pub fn new(profile: Profile) -> Result<Self, AacError> {
        let mut encoder =
            Self { handle: ptr::null_mut(), output: Vec::new(), frame: 0, delay: 0, config: Vec::new() };
        // SAFETY: the handle is written by the call and owned by `encoder`, whose drop closes it.
        check("opening", unsafe { fdk::aacEncOpen(&mut encoder.handle, 0, u32::from(CHANNELS)) })?;
        let settings = [
            ("the object type", fdk::AACENC_PARAM_AACENC_AOT, profile.object_type as u32),
            ("the sampling rate", fdk::AACENC_PARAM_AACENC_SAMPLERATE, profile.rate),
            ("the channel mode", fdk::AACENC_PARAM_AACENC_CHANNELMODE, u32::from(CHANNELS)),
            ("the bit rate", fdk::AACENC_PARAM_AACENC_BITRATE, profile.bitrate),
            ("the bandwidth", fdk::AACENC_PARAM_AACENC_BANDWIDTH, profile.bandwidth.unwrap_or(0)),
            ("the afterburner", fdk::AACENC_PARAM_AACENC_AFTERBURNER, profile.afterburner.into()),
            ("raw access units", fdk::AACENC_PARAM_AACENC_TRANSMUX, 0),
            ("explicit hierarchical signalling", fdk::AACENC_PARAM_AACENC_SIGNALING_MODE, 2),
            ("the header period", fdk::AACENC_PARAM_AACENC_HEADER_PERIOD, HEADER_PERIOD),
        ];
        for (step, parameter, value) in settings {
            // SAFETY: the handle is open.
            check(step, unsafe { fdk::aacEncoder_SetParam(encoder.handle, parameter, value) })?;
        }
        // SAFETY: with all descriptors null the call only adopts the settings (aacenc_lib.h).
        check("adopting the settings", unsafe {
            fdk::aacEncEncode(encoder.handle, ptr::null(), ptr::null(), ptr::null(), ptr::null_mut())
        })?;
        // SAFETY: the handle is open.
        let got = unsafe { fdk::aacEncoder_GetParam(encoder.handle, fdk::AACENC_PARAM_AACENC_BITRATE) };
        if got != profile.bitrate {
            return Err(AacError::Bitrate { asked: profile.bitrate, got, rate: profile.rate });
        }
        // SAFETY: an all-zero AACENC_InfoStruct is valid, being integers and bytes; the call fills it.
        let info = unsafe {
            let mut info = std::mem::zeroed::<fdk::AACENC_InfoStruct>();
            check("reporting", fdk::aacEncInfo(encoder.handle, &mut info))?;
            info
        };
        encoder.output = vec![0; info.maxOutBufBytes as usize];
        encoder.frame = info.frameLength;
        encoder.delay = info.nDelay.saturating_sub(early(profile));
        encoder.config = info.confBuf.iter().copied().take(info.confSize as usize).collect();
        Ok(encoder)
    }

    /// Samples per channel in one access unit, as decoded.
    pub fn frame(&self) -> u32 {
        self.frame
    }

    /// Samples per channel from the encoder's input to a decoder's output, SBR included, to the nearest one.
    pub fn delay(&self) -> u32 {
        self.delay
    }

    /// The AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
    pub fn config(&self) -> &[u8] {
        &self.config
    }

    /// Encodes the interleaved stereo samples of exactly one access unit, and gives the unit that is finished
    /// by them.
    ///
    /// Less than that is refused: a frame fed in parts, like the FDK's own flush, computes its place in the
    /// input buffer wrongly where parametric stereo makes the coded channels fewer than those of the input,
    /// and writes beyond it. A stream is ended by zeros.
    ///
    /// # Errors
    /// Where the encoder fails.
    pub fn encode(&mut self, pcm: &[i16]) -> Result<&[u8], AacError> {
        if pcm.len() != self.frame as usize * usize::from(CHANNELS) {
            return Err(AacError::Portion(pcm.len()));
        }
        let count = pcm.len() as i32;
        let mut input: *mut c_void = pcm.as_ptr().cast_mut().cast();
        let mut input_id = fdk::AACENC_BufferIdentifier_IN_AUDIO_DATA as i32;
        let mut input_size = size_of_val(pcm) as i32;
        let mut input_element = size_of::<i16>() as i32;
        let mut output: *mut c_void = self.output.as_mut_ptr().cast();
        let mut output_id = fdk::AACENC_BufferIdentifier_OUT_BITSTREAM_DATA as i32;
        let mut output_size = self.output.len() as i32;
        let mut output_element = 1;
        let source = fdk::AACENC_BufDesc {
            numBufs: 1,
            bufs: &mut input,
            bufferIdentifiers: &mut input_id,
            bufSizes: &mut input_size,
            bufElSizes: &mut input_element,
        };
        let target = fdk::AACENC_BufDesc {
            numBufs: 1,
            bufs: &mut output,
            bufferIdentifiers: &mut output_id,
            bufSizes: &mut output_size,
            bufElSizes: &mut output_element,
        };
        let arguments = fdk::AACENC_InArgs { numInSamples: count, numAncBytes: 0 };
        let mut report =
            fdk::AACENC_OutArgs { numOutBytes: 0, numInSamples: 0, numAncBytes: 0, bitResState: 0 };
        // SAFETY: both descriptors point at one live buffer each with its true size; the input is only read,
        // the output belongs to `self`; all of them outlive the call.
        let code = unsafe { fdk::aacEncEncode(self.handle, &source, &target, &arguments, &mut report) };
        check("encoding", code)?;
        match usize::try_from(report.numOutBytes) {
            Ok(written) if written > 0 && report.numInSamples == count => {
                Ok(self.output.get(..written).unwrap_or_default())
            }
            _ => Err(AacError::Refused { step: "encoding a whole frame", code }),
        }
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: the handle is open or null, which the call accepts; it is not used afterwards.
        unsafe { fdk::aacEncClose(&mut self.handle) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(object_type: ObjectType, bitrate: u32, rate: u32) -> Profile {
        Profile { object_type, bitrate, rate, bandwidth: None, afterburner: true }
    }

    #[test]
    fn frames_delays_and_configurations_are_the_known_ones() {
        for (object_type, bitrate, frame, delay, config) in [
            (ObjectType::Lc, 128_000, 1024, 2048, vec![0x12, 0x10]),
            (ObjectType::He, 64_000, 2048, 5057, vec![0x2B, 0x92, 0x08, 0x00]),
            (ObjectType::HeV2, 32_000, 2048, 7106, vec![0xEB, 0x8A, 0x08, 0x00]),
        ] {
            let encoder = Encoder::new(profile(object_type, bitrate, 44_100)).unwrap();
            assert_eq!((encoder.frame(), encoder.delay()), (frame, delay));
            assert_eq!(encoder.config(), config);
        }
    }

    #[test]
    fn a_bit_rate_the_encoder_would_change_is_refused() {
        let refused = Encoder::new(profile(ObjectType::HeV2, 320_000, 44_100)).err().unwrap();
        assert!(matches!(refused, AacError::Bitrate { asked: 320_000, .. }), "{refused}");
    }

    #[test]
    fn a_part_of_a_frame_is_refused() {
        let mut encoder = Encoder::new(profile(ObjectType::HeV2, 32_000, 44_100)).unwrap();
        assert!(encoder.encode(&vec![0; 2 * 2048]).is_ok());
        assert_eq!(encoder.encode(&[0; 2 * 2047]), Err(AacError::Portion(4094)));
    }
}
