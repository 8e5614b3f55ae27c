// The worker of media where there are licences: licence requests go on to the worker that NADA_LICENSES is bound to, before any
// wasm is asked. A route of the zone cannot tell them apart, since its pattern may not have a wildcard inside and tokens ride
// in the path. Players ask for media with GET and HEAD, which are not looked at.
import media from "./index.js";

export default {
  fetch(request, env, context) {
    const { method } = request;
    const other = method !== "GET" && method !== "HEAD";
    if (other && new URL(request.url).pathname.includes("/license/")) return env.NADA_LICENSES.fetch(request);
    return media.fetch(request, env, context);
  },
};
