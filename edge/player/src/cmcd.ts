// What a player tells the edge of itself: Common Media Client Data (CTA-5004), version 1, or 2 (CTA-5004-B).

/** Bit rates in kbit/s, times in milliseconds. */
export interface Told {
  br?: number;
  bl?: number;
  mtp?: number;
  d?: number;
  ot?: "a" | "i" | "m";
  sid: string;
  su?: boolean;
  bs?: boolean;
  /** 2, where it is to be told so. */
  v?: 2 | undefined;
}

const COARSE = new Set(["bl", "mtp", "d"]);
const LISTS = new Set(["bl", "br", "mtp"]); // in version 2

/** The query. `nor`, the next object, is never told: it would spell out a token. */
export function cmcd(told: Told): string {
  return `?CMCD=${encodeURIComponent(fields(told))}`;
}

export function fields(told: Told): string {
  return Object.entries({ ...told, sf: "v" })
    .filter(([, value]) => value && value !== Infinity)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => {
      if (value === true) return key;
      if (typeof value === "number") {
        const number = COARSE.has(key) ? Math.round(value / 100) * 100 : Math.round(value);
        return `${key}=${told.v && LISTS.has(key) ? `(${number})` : number}`;
      }
      return key === "sid" ? `${key}="${value}"` : `${key}=${value}`;
    })
    .join(",");
}
