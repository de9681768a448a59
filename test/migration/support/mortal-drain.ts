/** What a process is told that drains a Map and dies amid it; plain data. */
export interface MortalDrain {
  readonly url: string;
  readonly prefix: string;
  /** The hash of Redis that stands for the Map. */
  readonly source: string;
  /** The step at which it kills itself; it does not if there are fewer. */
  readonly dieAt: number;
}

/** What it says when it has survived. */
export interface Survived {
  readonly steps: number;
  readonly moved: number;
}

/** A command may take as long; a lease may not be shorter than that. */
export const LEASE_MS = 500;
