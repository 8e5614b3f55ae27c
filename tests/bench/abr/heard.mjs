// What was heard, from what the page says of its clock and what the edge says of the files it sent.

/** Nominal kbit/s. */
const rateOf = (rendition) => Number(rendition.split("-").at(-1));

/** Segments that arrived whole, as nginx logged them: { address, at (ms), segment (from 0), rendition }. */
export function arrivals(log) {
  return log.split("\n").flatMap((line) => {
    const [address, at, status, completion, path] = line.split(" ");
    const [, start, rendition, number] =
      /\/(start\/)?((?:heaac2|heaac|aac)-\d+)(?:\.mp4|\/(\d{5})\.m4s)$/.exec(path ?? "") ?? [];
    if (completion !== "OK" || !/^20[06]$/.test(status) || !(start || number)) return [];
    return [{ address, at: 1000 * Number(at), rendition, segment: start ? 0 : Number(number) - 1 }];
  });
}

/** Seconds until the sound, of silence after it, kbit/s on average, and changes of the rendition. `times` are the media times at
 * which segments begin, and the last one's end. */
export function judge({ begun, heard, address }, all, times) {
  const own = all.filter((arrival) => arrival.address === address);
  const first = heard.findIndex(([, media]) => media > 0.05);
  if (first < 0) return { start: NaN, silence: NaN, rate: 0, switches: 0, played: 0 };
  let silence = 0;
  let bits = 0;
  let played = 0;
  let switches = 0;
  let last = null;
  for (let i = first + 1; i < heard.length; i++) {
    const [now, media] = heard[i];
    const [before, from] = heard[i - 1];
    const gained = media - from;
    if (gained < (now - before) / 2000) silence += (now - before) / 1000 - Math.max(gained, 0);
    if (gained <= 0) continue;
    const segment = times.findLastIndex((time) => time <= from);
    const rendition = own.findLast((one) => one.segment === segment && one.at <= now)?.rendition;
    if (!rendition) continue;
    bits += rateOf(rendition) * gained;
    played += gained;
    if (last && last !== rendition) switches += 1;
    last = rendition;
  }
  return {
    start: (heard[first][0] - begun) / 1000 - heard[first][1],
    silence,
    rate: bits / played,
    switches,
    played,
  };
}
