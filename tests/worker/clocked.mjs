// The built worker under a clock that a test sets: nothing in the worker itself lets anyone do so. With the binding
// NADA_TEST_FORGETS its bindings are other ones at each request, for which it begins with an empty memory.
import Worker from "../../edge/worker/build/index.js";

const real = Date.now;
let ahead = 0;
Date.now = () => real() + ahead * 1000;

export default class extends Worker {
  async fetch(request) {
    ahead = Number(await (await this.env.NADA_TEST_CLOCK.fetch("http://clock/")).text());
    if (!this.env.NADA_TEST_FORGETS) return super.fetch(request);
    return new Worker(this.ctx, { ...this.env }).fetch(request);
  }
}
