//! The FDK's decoder: AAC-LC, HE-AAC and HE-AAC v2.
#![allow(unsafe_code)]

use fdk_aac_sys as fdk;

/// Samples that one access unit gives at most: eight channels of 2048.
const LARGEST: usize = 8 * 2048;

/// The audio object types that are decoded (ISO/IEC 14496-3 table 1.1): LC, and LC under SBR and PS.
const OBJECT_TYPES: [fdk::AUDIO_OBJECT_TYPE; 3] =
    [fdk::AUDIO_OBJECT_TYPE_AOT_AAC_LC, fdk::AUDIO_OBJECT_TYPE_AOT_SBR, fdk::AUDIO_OBJECT_TYPE_AOT_PS];

/// Why AAC could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The AudioSpecificConfig was refused, with one of the FDK's `AAC_DECODER_ERROR` codes.
    #[error("the AAC configuration is not supported (FDK code {0:#x})")]
    Configuration(u32),
    /// Neither AAC-LC nor SBR nor PS.
    #[error("AAC of object type {0}; AAC-LC, HE-AAC and HE-AAC v2 are supported")]
    ObjectType(i32),
    /// An access unit that is damaged, with the FDK's code.
    #[error("an AAC access unit is damaged (FDK code {0:#x})")]
    Damaged(u32),
}

/// What the samples of one access unit are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Their rate in hertz, after SBR.
    pub rate: u32,
    /// Their channels, after PS, in the order of WAVE files.
    pub channels: usize,
}

/// An AAC decoder: raw access units in, interleaved 16-bit samples out, one frame for each unit, with the delay
/// of the standard's own decoder and no other: no limiter, no concealment, no loudness normalisation.
pub struct Decoder {
    handle: fdk::HANDLE_AACDECODER,
    output: Vec<i16>,
}

// SAFETY: the handle is owned, used through `&mut self` alone, and the FDK keeps no state per thread.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Opens a decoder for an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
    ///
    /// # Errors
    /// Where the configuration is damaged or not supported.
    pub fn new(config: &[u8]) -> Result<Self, DecodeError> {
        // SAFETY: the call takes no pointers; a null handle is told below.
        let handle = unsafe { fdk::aacDecoder_Open(fdk::TRANSPORT_TYPE_TT_MP4_RAW, 1) };
        if handle.is_null() {
            return Err(DecodeError::Configuration(fdk::AAC_DECODER_ERROR_AAC_DEC_OUT_OF_MEMORY));
        }
        let decoder = Self { handle, output: vec![0; LARGEST] };
        for (parameter, value) in [
            (fdk::AACDEC_PARAM_AAC_PCM_LIMITER_ENABLE, 0),
            (fdk::AACDEC_PARAM_AAC_CONCEAL_METHOD, 0),
            (fdk::AACDEC_PARAM_AAC_DRC_REFERENCE_LEVEL, -1),
            (fdk::AACDEC_PARAM_AAC_UNIDRC_SET_EFFECT, -1),
        ] {
            // SAFETY: the handle is open.
            check(unsafe { fdk::aacDecoder_SetParam(decoder.handle, parameter, value) })
                .map_err(DecodeError::Configuration)?;
        }
        let length = u32::try_from(config.len())
            .map_err(|_| DecodeError::Configuration(fdk::AAC_DECODER_ERROR_AAC_DEC_UNSUPPORTED_FORMAT))?;
        let mut start = config.as_ptr().cast_mut();
        // SAFETY: one live buffer with its true size, which the call only reads.
        check(unsafe { fdk::aacDecoder_ConfigRaw(decoder.handle, &mut start, &length) })
            .map_err(DecodeError::Configuration)?;
        Ok(decoder)
    }

    /// Decodes one access unit: what its samples are, and they.
    ///
    /// # Errors
    /// Where the unit is damaged, or not of a supported object type.
    pub fn decode(&mut self, unit: &[u8]) -> Result<(Shape, &[i16]), DecodeError> {
        let length = u32::try_from(unit.len())
            .map_err(|_| DecodeError::Damaged(fdk::AAC_DECODER_ERROR_AAC_DEC_PARSE_ERROR))?;
        let mut start = unit.as_ptr().cast_mut();
        let mut left = length;
        // SAFETY: one live buffer with its true size, which the call copies from.
        check(unsafe { fdk::aacDecoder_Fill(self.handle, &mut start, &length, &mut left) })
            .map_err(DecodeError::Damaged)?;
        if left != 0 {
            return Err(DecodeError::Damaged(fdk::AAC_DECODER_ERROR_AAC_DEC_TRANSPORT_ERROR));
        }
        // SAFETY: the output is live and its true size is told, in samples.
        check(unsafe {
            fdk::aacDecoder_DecodeFrame(self.handle, self.output.as_mut_ptr(), self.output.len() as i32, 0)
        })
        .map_err(DecodeError::Damaged)?;
        // SAFETY: the handle is open; the call gives a structure inside the decoder or null, and it is copied
        // before anything else happens to the decoder.
        let info = unsafe { fdk::aacDecoder_GetStreamInfo(self.handle).as_ref() };
        let Some(info) = info else {
            return Err(DecodeError::Damaged(fdk::AAC_DECODER_ERROR_AAC_DEC_UNKNOWN));
        };
        if !OBJECT_TYPES.contains(&info.aot) {
            return Err(DecodeError::ObjectType(info.aot));
        }
        let (Ok(rate), Ok(channels), Ok(frame)) = (
            u32::try_from(info.sampleRate),
            usize::try_from(info.numChannels),
            usize::try_from(info.frameSize),
        ) else {
            return Err(DecodeError::Damaged(fdk::AAC_DECODER_ERROR_AAC_DEC_UNKNOWN));
        };
        let samples = self.output.get(..frame.saturating_mul(channels));
        let samples = samples.ok_or(DecodeError::Damaged(fdk::AAC_DECODER_ERROR_AAC_DEC_UNKNOWN))?;
        Ok((Shape { rate, channels }, samples))
    }
}

fn check(code: fdk::AAC_DECODER_ERROR) -> Result<(), u32> {
    if code == fdk::AAC_DECODER_ERROR_AAC_DEC_OK { Ok(()) } else { Err(code) }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and not used afterwards.
        unsafe { fdk::aacDecoder_Close(self.handle) };
    }
}
