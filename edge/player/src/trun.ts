// The last frame of a song is as long as any other, whatever its header says.

const TRUN = [0x74, 0x72, 0x75, 0x6e];

/** A packager states the last frame as long as the source lasts in it; decoders give all of it, so that a browser has to be
 * told its true length to cut the rest where the next track begins. `bytes` is a fragment or ends with one; `frame` is
 * what a frame lasts. Changed in place. */
export function wholeFrames(bytes: Uint8Array, frame: number): void {
  const at = bytes.findLastIndex((_, i) => TRUN.every((byte, k) => bytes[i + k] === byte));
  if (at < 0 || at + 12 > bytes.length) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint32(at + 4) & 0xffffff;
  const count = view.getUint32(at + 8);
  const present = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length;
  const first = at + 12 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
  const last = first + (count - 1) * 4 * present; // a duration is the first field of an entry
  if (flags & 0x100 && count > 0 && last + 4 <= bytes.length) view.setUint32(last, frame);
}

/** A copy of a song's last segment, or of a file that ends with it, with a whole last frame. FLAC's is as it is. */
export function mend(bytes: Uint8Array<ArrayBuffer>, rendition: string): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  if (/aac/.test(rendition)) wholeFrames(copy, rendition.startsWith("he") ? 2048 : 1024);
  return copy;
}
