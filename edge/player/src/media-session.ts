// The lock screen and the keys of a headset.
import type { Track } from "./track.ts";

export interface Remote {
  play(): unknown;
  pause(): unknown;
  next(): unknown;
  previous(): unknown;
  seek(seconds: number): unknown;
  readonly currentTime: number;
  readonly duration: number;
  readonly rate: number;
}

const STEP = 10;

export function control(remote: Remote): void {
  const handlers: [MediaSessionAction, MediaSessionActionHandler][] = [
    ["play", () => remote.play()],
    ["pause", () => remote.pause()],
    ["nexttrack", () => remote.next()],
    ["previoustrack", () => remote.previous()],
    ["seekto", ({ seekTime }) => remote.seek(seekTime ?? 0)],
    ["seekbackward", ({ seekOffset }) => remote.seek(remote.currentTime - (seekOffset ?? STEP))],
    ["seekforward", ({ seekOffset }) => remote.seek(remote.currentTime + (seekOffset ?? STEP))],
  ];
  for (const [action, handler] of handlers) {
    try {
      navigator.mediaSession?.setActionHandler(action, handler);
    } catch {
      // this browser does not know the action
    }
  }
}

/** Title, artists and pictures; `base` is what the pictures' names are relative to. */
export function show({ title, artists, album, artwork }: Track, base: string): void {
  if (!navigator.mediaSession) return;
  const pictures = artwork?.sizes.map((size) => ({
    src: new URL(`artwork/${size}.webp`, base).href,
    sizes: `${size}x${size}`,
    type: "image/webp",
  }));
  navigator.mediaSession.metadata = new MediaMetadata({
    title,
    artist: artists.join(", "),
    album,
    artwork: pictures ?? [],
  });
}

export function position({ currentTime, duration, rate }: Remote, playing: boolean): void {
  const session = navigator.mediaSession;
  if (!session) return;
  session.playbackState = playing ? "playing" : "paused";
  if (duration > 0 && Number.isFinite(duration))
    session.setPositionState?.({
      duration,
      position: Math.min(Math.max(currentTime, 0), duration),
      playbackRate: rate,
    });
}
