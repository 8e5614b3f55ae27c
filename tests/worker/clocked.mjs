// The built worker under a clock that a test sets: nothing in the worker itself lets anyone do so. With the binding
// NADA_TEST_FORGETS its bindings are other ones at each request, for which it begins with an empty memory.
import worker from "../../edge/worker/build/index.js";

const real = Date.now;
let ahead = 0;
Date.now = () => real() + ahead * 1000;

export default {
  async fetch(request, env, context) {
    ahead = Number(await (await env.NADA_TEST_CLOCK.fetch("http://clock/")).text());
    return worker.fetch(request, env.NADA_TEST_FORGETS ? { ...env } : env, context);
  },
};
