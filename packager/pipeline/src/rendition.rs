//! One rendition from samples to files: lead, encoder, segments, playlist.

use nada_release::{Rendition, RenditionFile, RenditionName};

use crate::{
    aac::{CHANNELS, Encoder, Profile},
    cmaf,
    cutter::Cutter,
    error::PackageError,
    geometry::{HEADER_PERIOD, Lead, PRIMING, Schedule},
    playlist,
};

/// One file of a rendition, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Produced {
    /// The rendition it belongs to.
    pub rendition: RenditionName,
    /// Which of its files it is.
    pub file: RenditionFile,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The work on one rendition. Its files are handed out as they are finished: `init.mp4` first, then the
/// segments in order, the media playlist last.
pub struct Work {
    name: RenditionName,
    rate: u32,
    schedule: Schedule,
    encoder: Encoder,
    cutter: Cutter,
    samples: u64,
}

impl Work {
    /// Opens the encoder of `name` at `rate` hertz and feeds it its leading zeros.
    pub fn start(
        name: RenditionName,
        rate: u32,
        schedule: Schedule,
        out: &mut dyn FnMut(Produced),
    ) -> Result<Self, PackageError> {
        let profile = Profile::of(name, rate).ok_or(PackageError::NotEncoded(name))?;
        let mut encoder = Encoder::new(profile)?;
        let frame = encoder.frame();
        // only SBR has headers to keep in step with
        let period = if profile.object_type == 2 { 1 } else { HEADER_PERIOD };
        let lead = Lead::new(encoder.delay(), frame, period);
        let track = cmaf::Track {
            rate,
            channels: CHANNELS,
            frame,
            bitrate: profile.bitrate,
            config: encoder.config(),
        };
        let bytes = cmaf::init(&track)?;
        out(Produced { rendition: name, file: RenditionFile::Init, bytes });
        let mut cutter = Cutter::new(frame, lead.dropped, schedule);
        let zeros = vec![0; lead.zeros as usize * usize::from(CHANNELS)];
        encoder.encode(&zeros, &mut |unit| cutter.push(unit))?;
        Ok(Self { name, rate, schedule, encoder, cutter, samples: 0 })
    }

    /// Encodes more interleaved samples.
    pub fn add(&mut self, pcm: &[i16], out: &mut dyn FnMut(Produced)) -> Result<(), PackageError> {
        self.samples += (pcm.len() / usize::from(CHANNELS)) as u64;
        let Self { encoder, cutter, .. } = self;
        encoder.encode(pcm, &mut |unit| cutter.push(unit))?;
        let name = self.name;
        self.cutter.cut(None, &mut |file, bytes| out(Produced { rendition: name, file, bytes }))
    }

    /// Ends the source: flushes the encoder, cuts the last unit to the source's end and writes the playlist.
    pub fn finish(self, out: &mut dyn FnMut(Produced)) -> Result<Rendition, PackageError> {
        let Self { name, rate, schedule, encoder, mut cutter, samples } = self;
        encoder.finish(&mut |unit| cutter.push(unit))?;
        let total = u64::from(PRIMING) + samples;
        cutter.cut(Some(total), &mut |file, bytes| out(Produced { rendition: name, file, bytes }))?;
        let entries = cutter.into_entries();
        let target = schedule.target_duration(rate);
        let bytes = playlist::media(&entries, rate, target).map_err(PackageError::playlist)?.into_bytes();
        out(Produced { rendition: name, file: RenditionFile::Playlist, bytes });
        let bandwidth = playlist::peak(&entries, rate, target);
        let average_bandwidth = playlist::average(&entries, rate);
        Ok(Rendition {
            name,
            rate,
            samples,
            channels: CHANNELS,
            segments: entries.len() as u32,
            bytes: entries.iter().map(|entry| entry.bytes).sum(),
            bandwidth,
            average_bandwidth,
            stream_inf: playlist::stream_inf(name, bandwidth, average_bandwidth),
        })
    }
}
