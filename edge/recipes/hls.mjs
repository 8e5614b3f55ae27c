// Plays a track with hls.js 1.7: `const player = await play(Hls, audio, ask, { tell })`, later `player.destroy()`.
import { Address, CMCD, codeOf } from "./address.mjs";
import { bare, local } from "./local.mjs";

/** `tell(code)` is called when it cannot go on: with a code of the edge, "network", "media" or "protection". */
export async function play(Hls, audio, ask, { tell = () => {}, margin, ...settings } = {}) {
  const address = ask instanceof Address ? ask : await Address.of(ask, margin);
  // what is made of `track.json` says nothing of keys
  const files = settings.emeEnabled ? new Map() : local(address, settings.startLevel ? null : undefined);
  const hls = new Hls({
    startLevel: 0, // lowest first: sound soon, then better
    enableWorker: false, // of what there is to demultiplex a worker takes longer to start
    enableWebVTT: false, // lyrics are drawn from lyrics.json
    maxMaxBufferLength: 60, // seconds: what is skipped should not have been paid for
    cmcd: { includeKeys: CMCD },
    fragLoadPolicy: patient(Hls.DefaultConfig.fragLoadPolicy),
    playlistLoadPolicy: patient(Hls.DefaultConfig.playlistLoadPolicy),
    ...signed(Hls, address, files),
    ...settings,
  });
  let [mended, locked] = [0, false];
  hls.on(Hls.Events.ERROR, (_, { fatal, type, frag, networkDetails }) => {
    const forbidden = codeOf(networkDetails?.response) === "rendition_not_allowed";
    if (forbidden && hls.levels.length > 1) return hls.removeLevel(frag?.level ?? hls.levels.length - 1);
    locked ||= type === Hls.ErrorTypes.KEY_SYSTEM_ERROR;
    if (!fatal) return; // hls.js tries again by itself
    if (type === Hls.ErrorTypes.MEDIA_ERROR && mended++ < 2) return hls.recoverMediaError();
    const network = type === Hls.ErrorTypes.NETWORK_ERROR;
    const other = locked ? "protection" : "media";
    tell(((network || locked) && codeOf(networkDetails?.response)) || (network ? "network" : other));
  });
  hls.once(Hls.Events.MANIFEST_PARSED, () => (hls.subtitleTrack = -1)); // nor are their files loaded
  const back = () => hls.startLoad();
  globalThis.addEventListener?.("online", back);
  hls.once(Hls.Events.DESTROYING, () => globalThis.removeEventListener?.("online", back));
  hls.loadSource(address.url);
  hls.attachMedia(audio);
  return hls;
}

/** What is here is not asked for. Every request goes out under the newest token; one that came too late is asked again, unseen
 * by the player. */
function signed(Hls, address, files) {
  class Loader extends Hls.DefaultConfig.loader {
    async load(context, config, callbacks) {
      this.context = context;
      const here = (await files).get(bare(context.url));
      if (this.context !== context) return; // given up meanwhile
      if (here) return this.#give(here, context, callbacks);
      let again = false;
      const onError = async (error, failed, xhr, stats) => {
        if (!again && codeOf(xhr?.response) === "token_expired") {
          again = true;
          const asked = await address.expired(xhr.responseURL).then(
            () => true,
            () => false,
          );
          if (this.context !== context) return; // given up meanwhile
          if (asked) {
            stats.loading.start = 0; // a loader loads once: this is the same load
            return super.load(context, config, { ...callbacks, onError });
          }
        }
        callbacks.onError(error, failed, xhr, stats);
      };
      super.load(context, config, { ...callbacks, onError });
    }

    /** With the times at which it came: hls.js judges the network by them. */
    #give(here, context, callbacks) {
      const data = here.bytes ?? here;
      const now = performance.now();
      const { start = now, first = now, end = now } = here;
      const size = here.bytes?.byteLength ?? here.length;
      Object.assign(this.stats, { loaded: size, total: size, loading: { start, first, end } });
      callbacks.onSuccess({ url: context.url, data, code: 200 }, this.stats, context, null);
    }
  }
  return { loader: Loader, xhrSetup: async (xhr, url) => xhr.open("GET", await address.fresh(url), true) };
}

/** Without a connection (status 0) it goes on trying: phones seldom know that they are offline. */
function patient({ default: policy }) {
  const errorRetry = {
    ...policy.errorRetry,
    maxNumRetry: 60,
    maxRetryDelayMs: 4000,
    shouldRetry: ({ maxNumRetry }, count, _timeout, response, usual) =>
      usual ? count < 6 || response?.code === 0 : response?.code === 0 && count < maxNumRetry,
  };
  return { default: { ...policy, errorRetry } };
}
