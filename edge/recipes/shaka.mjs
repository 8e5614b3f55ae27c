// Plays a track with Shaka Player 5: `const player = await play(shaka, audio, ask, { tell })`, later `player.destroy()`.
import { Address, CMCD, codeOf } from "./address.mjs";

/** `tell(code)` is called when it cannot go on: with a code of the edge, "network", "media" or "protection". */
export async function play(shaka, audio, ask, { tell = () => {}, margin, ...settings } = {}) {
  const { Category, Code } = shaka.util.Error;
  const address = ask instanceof Address ? ask : await Address.of(ask, margin);
  const player = new shaka.Player();
  // phones seldom know that they are offline: two minutes of trying
  const retryParameters = { maxAttempts: 120, baseDelay: 1000, backoffFactor: 1 };
  const cmcd = { enabled: true, includeKeys: CMCD };
  // what browsers say of the network leaps to the highest rendition, which is silence on a slow one
  const abr = { useNetworkInformation: false, defaultBandwidthEstimate: 50_000 }; // bit/s
  player.configure({ abr, cmcd, streaming: { bufferingGoal: 30, retryParameters } });
  player.configure(settings);

  // asked before every attempt, so that the one after an expired token has a new one
  const net = player.getNetworkingEngine();
  net.registerRequestFilter(async (_, request) => {
    request.uris = await Promise.all(request.uris.map((uri) => address.fresh(uri)));
  });
  net.addEventListener("retry", (event) => {
    const {
      code,
      data: [uri, status, body],
    } = event.error;
    if (code !== Code.BAD_HTTP_STATUS || status >= 500) return;
    if (codeOf(body) === "token_expired") address.expired(uri).catch(() => {});
    else event.preventDefault(); // a refusal will not change by itself
  });
  const stopped = ({ code, category, data = [] }) => {
    if (code === Code.LOAD_INTERRUPTED) return;
    // what a licence failed for is told within
    if (code === Code.LICENSE_REQUEST_FAILED) return stopped(data[0]);
    const network = category === Category.NETWORK;
    const other = category === Category.DRM ? "protection" : "media";
    tell((network && codeOf(data[2])) || (network ? "network" : other));
  };
  player.addEventListener("error", ({ detail }) => stopped(detail));
  await player.attach(audio);
  await player.load(address.url).catch(stopped);
  return player;
}
