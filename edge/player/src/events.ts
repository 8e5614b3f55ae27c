// Listeners by name.

export class Events<Map extends object> {
  #listeners = new Map<keyof Map, Set<(detail: never) => void>>();

  /** Calls `listener` at every event of that name, until the function that is given back is called. */
  on<Name extends keyof Map>(name: Name, listener: (detail: Map[Name]) => void): () => void {
    const all = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, all.add(listener));
    return () => void all.delete(listener);
  }

  protected emit<Name extends keyof Map>(name: Name, detail: Map[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      // the app's fault is not the song's
      queueMicrotask(() => (listener as (detail: Map[Name]) => void)(detail));
    }
  }
}

/** Adds listeners that all end with `signal`. */
export function listener(
  target: EventTarget,
  signal: AbortSignal,
): (name: string, act: () => unknown) => void {
  return (name, act) => target.addEventListener(name, act, { signal });
}
