// What workerd starts: worker-build's worker without the two proxies and the object that it makes for each request, which are
// 5 % of the CPU of a segment (tests/bench/worker). After a panic that worker takes over for one request, since it is what
// makes a new instance.
import Worker from "worker-build";

const { fetch } = Worker.prototype;
const state = globalThis.__worker_init_state;

export default {
  fetch: (request, env, ctx) =>
    state.criticalError ? new Worker(ctx, env).fetch(request) : fetch.call({ env, ctx }, request),
};
