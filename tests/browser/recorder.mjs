// An AudioWorklet processor that hands over what passes through it, the mean of both channels, 128 samples a time.
export const recorder = `registerProcessor("recorder", class extends AudioWorkletProcessor {
  process([[left, right]]) {
    const block = new Float32Array(128);
    if (left) block.forEach((_, i) => (block[i] = (left[i] + (right ?? left)[i]) / 2));
    this.port.postMessage(block, [block.buffer]);
    return true;
  }
});`;
