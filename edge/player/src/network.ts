// What is known of the network, over all songs and visits.
import { LADDER, first, type Known } from "./first.ts";
import { recall, remember } from "./memory.ts";
import { estimate, learn, UNKNOWN, type Answer, type Estimate, type Throughput } from "./throughput.ts";

type Connection = Known["connection"];

export class Network {
  #known: Throughput = UNKNOWN;
  /** The renditions that the last song had. */
  ladder: string[] = recall<string[]>("ladder") ?? LADDER;

  learn(answer: Answer): void {
    this.#known = learn(this.#known, answer);
    remember("network", { rate: estimate(this.#known).rate, at: Date.now() });
  }

  get estimate(): Estimate {
    return estimate(this.#known);
  }

  get connection(): Connection {
    return (navigator as Navigator & { connection?: Connection }).connection;
  }

  /** The rendition a song begins with, of those that the browser plays. */
  first(ceiling: number, plays: (name: string) => boolean = () => true): string {
    const last = recall<{ rate: number; at: number }>("network");
    const age = last ? (Date.now() - last.at) / 1000 : 0;
    return first(
      this.ladder.filter(plays),
      { last: last && { rate: last.rate, age }, connection: this.connection },
      ceiling,
    );
  }

  found(names: string[]): void {
    this.ladder = names;
    remember("ladder", names);
  }
}
