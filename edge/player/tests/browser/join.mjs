// Two tracks that are one tone, cut: what is heard where they join.
import { RATE } from "./media.mjs";

const TURN = (2 * Math.PI * 441) / RATE;

/** Plays "one" and "two" on a page; `cut` is the first one's length in samples. Gives by how many samples the tone is shifted
 * after the join, the largest step near it, the longest silence in samples, and the tone's level. A machine that is too busy to
 * play without a break is given another try; `shift` is what a browser may shift the tone by without one. */
export async function join(open, cut, shift = 0.1, tries = 3) {
  const page = await open();
  const heard = await listen(page, cut);
  const whole = Math.abs(heard.shift) < shift && heard.step < 0.4 * heard.level && heard.silence < 10;
  return { page, ...(whole || tries === 1 ? heard : await join(open, cut, shift, tries - 1)) };
}

async function listen(page, cut) {
  const pcm = await page.evaluate(async () => {
    player.queue = ["one", "two"];
    const take = await ear();
    player.play("one");
    await until(() => player.state === "ended", 30);
    return [...take()];
  });
  const phase = (from, length = 2000) => {
    let [c, s] = [0, 0];
    for (let i = from; i < from + length; i++) {
      c += pcm[i] * Math.cos(TURN * i);
      s += pcm[i] * Math.sin(TURN * i);
    }
    return { at: Math.atan2(c, s) / TURN, level: (2 * Math.hypot(c, s)) / length };
  };
  const at = pcm.findIndex((sample) => Math.abs(sample) > 0.02) + cut;
  const [before, after] = [phase(at - 9000), phase(at + 9000)];
  // a tone that goes on obeys x[i+1] = 2 cos(w) x[i] − x[i−1]: what is left is the step
  let step = 0;
  for (let i = at - 3000; i < at + 3000; i++)
    step = Math.max(step, Math.abs(pcm[i + 1] - 2 * Math.cos(TURN) * pcm[i] + pcm[i - 1]));
  let silence = 0;
  for (let i = at - 9000, run = 0; i < at + 9000; i++) {
    run = Math.abs(pcm[i]) < 1e-4 ? run + 1 : 0;
    silence = Math.max(silence, run);
  }
  return { shift: after.at - before.at, step, silence, level: before.level };
}
