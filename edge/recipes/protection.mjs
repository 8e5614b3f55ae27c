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

/** `play(shaka, audio, address, { ...protectedShaka(address, ["clearkey"]), tell })`: its filter of requests renews the token of
 * licences too. */
export function protectedShaka(address, systems) {
  const servers = Object.fromEntries(systems.map((system) => [NAMES[system], license(address, system)]));
  const fairplay = { [NAMES.fairplay]: { serverCertificateUri: certificate(address) } };
  return {
    drm: { servers, ...(systems.includes("fairplay") && { advanced: fairplay }) },
    // of playlists it knows no ClearKey: it goes by the headers of the songs
    ...(systems.includes("clearkey") && { manifest: { ignoreDrmInfo: true } }),
  };
}
