// The rendition that a song begins with, before anything is known of the song.
import { nominal } from "./track.ts";

/** What may be known: the bit rate of the last plays and the seconds since, and what the browser says of the network. */
export interface Known {
  last?: { rate: number; age: number } | undefined;
  connection?: { downlink?: number; effectiveType?: string; saveData?: boolean } | undefined;
}

/** What every catalogue has, unless it was packaged otherwise. */
export const LADDER = ["heaac2-24", "heaac2-32", "heaac-64", "aac-128", "aac-256"];

const SEGMENT = 3; // seconds in a first segment
const PATIENCE = 0.08; // seconds that a better beginning may take longer
const DAY = 86_400;

/** The rendition to begin with: the lowest, or a better one where the network is known to bring it as soon. */
export function first(ladder: readonly string[], { last, connection }: Known, ceiling = Infinity): string {
  const allowed = ladder.filter((name) => nominal(name) <= ceiling).sort((a, b) => nominal(a) - nominal(b));
  const [lowest = LADDER[0] ?? ""] = allowed;
  if (connection?.saveData) return lowest;
  const rate = believed(last, connection);
  return allowed.findLast((name) => (nominal(name) * 1000 * SEGMENT) / rate <= PATIENCE) ?? lowest;
}

/** The next one below, where the token's ceiling forbids `name`; null where there is none. */
export function below(ladder: readonly string[], name: string): string | null {
  const lower = ladder.filter((other) => nominal(other) < nominal(name));
  return lower.sort((a, b) => nominal(b) - nominal(a))[0] ?? null;
}

/** What was measured counts for a day, and less than it did; what the browser says bounds it. */
function believed(last: Known["last"], connection: Known["connection"]): number {
  const measured = last && last.age < DAY ? last.rate * 0.7 : 0;
  const { effectiveType = "4g", downlink = Infinity } = connection ?? {};
  const told = effectiveType === "4g" ? downlink * 1e6 : 0;
  return Math.min(measured, told);
}
