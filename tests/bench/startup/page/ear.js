// Says when the first sample above −60 dBFS leaves the audio element.
registerProcessor(
  "ear",
  class extends AudioWorkletProcessor {
    process([channels]) {
      const sounds = channels?.some((channel) => channel.some((sample) => Math.abs(sample) > 1e-3));
      if (sounds) this.port.postMessage(null);
      return !sounds;
    }
  },
);
