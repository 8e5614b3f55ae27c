// Protected tracks with the recipes of hls.js and Shaka: settings for `play`, made of the track's `Address`.
//
// `systems` are those that the edge has licences of, the ones to prefer first: "widevine", "playready", "fairplay", and
// "clearkey" for tests and for players of one's own.

const NAMES = {
  clearkey: "org.w3.clearkey",
  fairplay: "com.apple.fps",
  playready: "com.microsoft.playready",
  widevine: "com.widevine.alpha",
};

/** Licences lie beside the track's other files, under its token. */
const license = (address, system) => new URL(`license/${system}`, address.url).href;
const certificate = (address) => new URL("/fairplay.cer", address.url).href;

/** `play(Hls, audio, address, { ...protectedHls(address, ["clearkey"]), tell })` */
export function protectedHls(address, systems) {
  const of = (system) => ({
    licenseUrl: license(address, system),
    ...(system === "fairplay" && { serverCertificateUrl: certificate(address) }),
  });
  return {
    emeEnabled: true,
    drmSystems: Object.fromEntries(systems.map((system) => [NAMES[system], of(system)])),
    // a song begins in the clear, and what is appended before there are MediaKeys cannot be followed by what is not
    requireKeySystemAccessOnStart: true,
    licenseXhrSetup: async (xhr, url) => xhr.open("POST", await address.fresh(url), true),
  };
}

/** `play(shaka, audio, address, { ...protectedShaka(address, ["widevine"]), tell })`: its filter of requests renews the token of
 * licences too. Where "clearkey" is among the systems, it is the only one. */
export function protectedShaka(address, systems) {
  if (systems.includes("clearkey")) return { drm: clearKey(license(address, "clearkey")) };
  const servers = Object.fromEntries(systems.map((system) => [NAMES[system], license(address, system)]));
  const fairplay = { [NAMES.fairplay]: { serverCertificateUri: certificate(address) } };
  return { drm: { servers, ...(systems.includes("fairplay") && { advanced: fairplay }) } };
}

/** In playlists Shaka knows no ClearKey: it is given that in the place of Widevine, whose lines name the same key. */
function clearKey(server) {
  return {
    servers: { [NAMES.widevine]: server },
    keySystemsMapping: { [NAMES.widevine]: NAMES.clearkey },
    initDataTransform: (_data, _type, { keyIds }) => common([...keyIds]),
  };
}

/** `pssh` of the common system for these key ids (ISO/IEC 23001-7 §8.1, W3C "cenc" Initialization Data Format §4). */
function common(ids) {
  const hex = [
    (36 + 16 * ids.length).toString(16).padStart(8, "0"),
    "7073736801000000",
    "1077efecc0b24d02ace33c1e52e2fb4b",
    ids.length.toString(16).padStart(8, "0"),
    ...ids,
    "00000000",
  ].join("");
  return Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
}
