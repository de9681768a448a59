import type { NearKinds } from '../peer-cache.js';
import { ContestPart } from './contest-part.js';
import type { RoundSettings } from './stopwatch.js';

/** What the parent process asks of the one that measures. */
export interface BenchRequest {
  readonly workload: string;
  readonly redisUrl: string;
  readonly quick: boolean;
  readonly peers: boolean;
  /** What hits from the process are of each peer that takes part. */
  readonly nearKinds: NearKinds;
  /** Only contenders whose name contains one of these; none means all. */
  readonly contenders: readonly string[];
  /** That of which the process is, where each has its own; undefined takes part in nothing. */
  readonly part?: { readonly contender: string | undefined };
}

const FULL: RoundSettings = {
  rounds: 11,
  roundMs: 80,
  warmUpMs: 300,
  warmUpOperations: 100_000,
  maxWarmUpMs: 2_000,
};
/** Times of several processes vary by more than those of one, as each has to be given a core again and again. */
const ROUNDS_APART = 15;
const QUICK: RoundSettings = {
  rounds: 5,
  roundMs: 30,
  warmUpMs: 100,
  warmUpOperations: 5_000,
  maxWarmUpMs: 500,
};

/** What a workload measures by. */
export class Bench {
  readonly settings: RoundSettings;

  /** Where each contender has a process of its own. */
  readonly part: ContestPart | undefined;

  constructor(private readonly request: BenchRequest) {
    this.part = request.part && new ContestPart(request.part.contender);
    this.settings = request.quick ? QUICK : FULL;
  }

  /** The same for contenders that have processes of their own. */
  get settingsApart(): RoundSettings {
    return this.quick ? this.settings : { ...this.settings, rounds: ROUNDS_APART };
  }

  /** A Redis of this workload's own. */
  get redisUrl(): string {
    return this.request.redisUrl;
  }

  get quick(): boolean {
    return this.request.quick;
  }

  get peers(): boolean {
    return this.request.peers;
  }

  get nearKinds(): NearKinds {
    return this.request.nearKinds;
  }

  /** Whether a contender takes part in this run. */
  takes(name: string): boolean {
    const { contenders } = this.request;
    const only = this.part?.contender;
    if (only !== undefined && only !== name) return false;
    return contenders.length === 0 || contenders.some((part) => name.includes(part));
  }

  /** One number for a full run, a smaller one for a quick one. */
  size(full: number, quick: number): number {
    return this.quick ? quick : full;
  }
}
