// Protected tracks by Encrypted Media Extensions: MediaKeys before the first byte, and a licence for each key that a header
// names. A file of its own: who plays no protected tracks does not load it.
import type { Address } from "./address.ts";
import { Problem, request } from "./request.ts";

const NAMES = {
  clearkey: "org.w3.clearkey",
  fairplay: "com.apple.fps",
  playready: "com.microsoft.playready",
  widevine: "com.widevine.alpha",
};
const TYPES = ["mp4a.40.2", "mp4a.40.5", "mp4a.40.29", "fLaC"].map(
  (codecs) => `audio/mp4; codecs="${codecs}"`,
);

/** A system that the edge has licences of. */
export type KeySystem = keyof typeof NAMES;

/** Resolves when the element is ready for a protected track at this address; `failed` is told when a licence cannot be had. */
export type Protection = (address: Address, failed: (code: string) => void) => Promise<void>;

/** What `Settings.protection` takes, for the same element: the key systems that may be used, the ones to prefer first. The
 * browser's is readied at once, so that a tap does not wait for it. ClearKey hands the key to the page: it is for tests and
 * for players of one's own. */
export function protection(audio: HTMLAudioElement, systems: KeySystem[]): Protection {
  const licences = new Licences(audio, systems);
  return (address, failed) => licences.unlock(address, failed);
}

class Licences {
  #address!: Address;
  #failed!: (code: string) => void;
  #ready: Promise<[KeySystem, MediaKeys]>;
  #certified: Promise<unknown> | null = null;
  /** The initialization data that a session was made of. */
  #known = new Set<string>();

  constructor(audio: HTMLAudioElement, systems: KeySystem[]) {
    this.#ready = this.#begin(audio, systems);
    this.#ready.catch(() => {}); // told where a track needs it
  }

  async unlock(address: Address, failed: (code: string) => void): Promise<void> {
    this.#address = address;
    this.#failed = failed;
    const [system, keys] = await this.#ready;
    if (system === "fairplay") await (this.#certified ??= certify(keys, address));
  }

  async #begin(audio: HTMLAudioElement, systems: KeySystem[]): Promise<[KeySystem, MediaKeys]> {
    const [system, access] = await supported(systems);
    const keys = await access.createMediaKeys();
    audio.addEventListener("encrypted", ({ initDataType, initData }) => {
      if (!initData) return;
      const name = new TextDecoder("latin1").decode(initData);
      // each switch of renditions brings the header again
      if (this.#known.has(name)) return;
      this.#known.add(name);
      this.#session(keys, system, initDataType, initData, name).catch((error) => this.#lost(name, error));
    });
    await audio.setMediaKeys(keys);
    return [system, keys];
  }

  async #session(
    keys: MediaKeys,
    system: KeySystem,
    type: string,
    data: ArrayBuffer,
    name: string,
  ): Promise<void> {
    const address = this.#address;
    const session = keys.createSession();
    const { signal } = new AbortController();
    session.addEventListener("message", ({ message }) => {
      request(address, `license/${system}`, { signal, body: message })
        .then(async (answer) => session.update(await answer.arrayBuffer()))
        .catch((error) => this.#lost(name, error));
    });
    session.addEventListener("keystatuseschange", () => {
      // a licence ends with its token: a new one is asked for under a new token
      if (![...session.keyStatuses.values()].includes("expired")) return;
      void session.close();
      this.#session(keys, system, type, data, name).catch((error) => this.#lost(name, error));
    });
    await session.generateRequest(type, data);
  }

  #lost(name: string, error: unknown): void {
    this.#known.delete(name);
    this.#failed(error instanceof Problem ? error.code : "protection");
  }
}

/** FairPlay encrypts its requests for the certificate that the edge shows. */
async function certify(keys: MediaKeys, address: Address): Promise<void> {
  const certificate = await fetch(new URL("/fairplay.cer", await address.base()));
  if (!certificate.ok) throw new Problem("protection");
  await keys.setServerCertificate(await certificate.arrayBuffer());
}

/** The first of the systems that the browser has. */
async function supported(systems: KeySystem[]): Promise<[KeySystem, MediaKeySystemAccess]> {
  for (const system of systems) {
    const robustness = system === "widevine" ? "SW_SECURE_CRYPTO" : "";
    const audioCapabilities = TYPES.filter((type) => MediaSource.isTypeSupported(type)).map(
      (contentType) => ({ contentType, encryptionScheme: "cbcs", robustness }),
    );
    const wanted = { initDataTypes: [system === "fairplay" ? "sinf" : "cenc"], audioCapabilities };
    const access = await navigator.requestMediaKeySystemAccess?.(NAMES[system], [wanted]).catch(() => null);
    if (access) return [system, access];
  }
  throw new Problem("protection");
}
