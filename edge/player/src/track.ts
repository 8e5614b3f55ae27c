// What `track.json` says of a track, as far as the player reads it, and what a rendition's name says before that.

/** A rendition of the track, with the bytes of each of its segments. */
export interface Rendition {
  name: string;
  codecs: string;
  bandwidth: number;
  average_bandwidth: number;
  header_bytes: number;
  index_bytes: number;
  segment_bytes: number[];
}

/** The media lasts `priming + samples` at `rate`; the source's first sample follows the priming. */
export interface Timeline {
  rate: number;
  priming: number;
  samples: number;
}

/** Loudness by EBU R 128: integrated in LUFS, true peak in dBTP. */
export interface Loudness {
  integrated: number;
  true_peak: number;
}

/** Square pictures at `artwork/{size}.{format}` beside `track.json`, each size in each format; two colours that text can be read in
 * and on; and the picture at 16 pixels as a `data:` URI. */
export interface Artwork {
  sizes: number[];
  formats: string[];
  background: string;
  text: string;
  placeholder: string;
}

/** `track.json`. */
export interface Track {
  id: string;
  title: string;
  artists: string[];
  album: string;
  timeline: Timeline;
  segment_samples: number[];
  loudness?: Loudness;
  album_loudness?: Loudness;
  renditions: Rendition[];
  versions: string[];
  lyrics: { digest: string; layers: { lang: string; kind: string; name: string }[] } | null;
  artwork?: Artwork;
}

/** The nominal kbit/s in a rendition's name, which a token's ceiling compares. */
export function nominal(name: string): number {
  return name === "flac" ? Infinity : Number(name.slice(name.lastIndexOf("-") + 1));
}

/** The media type of a rendition by its name: known before `track.json` is. */
export function typeOf(name: string): string {
  const codecs =
    { heaac2: "mp4a.40.29", heaac: "mp4a.40.5", flac: "fLaC" }[name.split("-")[0] ?? ""] ?? "mp4a.40.2";
  return `audio/mp4; codecs="${codecs}"`;
}
