// The built worker under a clock that a test sets: nothing in the worker itself lets anyone do so.
import Worker from "../../edge/worker/build/index.js";

const real = Date.now;
let ahead = 0;
Date.now = () => real() + ahead * 1000;

export default class extends Worker {
  async fetch(request) {
    ahead = Number(await (await this.env.NADA_TEST_CLOCK.fetch("http://clock/")).text());
    return super.fetch(request);
  }
}
