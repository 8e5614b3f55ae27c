// The worker around edge/worker/examples/verify.rs: as many verifications as ?times= says.
import { initSync, verified } from "./verify.js";
import module from "./verify_bg.wasm";

initSync({ module });

export default {
  fetch(request, env) {
    const times = Number(new URL(request.url).searchParams.get("times"));
    return new Response(`${verified(env.NADA_KEYS, env.TOKENS, times)}`);
  },
};
