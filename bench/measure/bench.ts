import type { RoundSettings } from './rounds.js';

/** What the parent process asks of the one that measures. */
export interface BenchRequest {
  readonly workload: string;
  readonly redisUrl: string;
  readonly quick: boolean;
  readonly peers: boolean;
  /** Only contenders whose name contains one of these; none means all. */
  readonly contenders: readonly string[];
}

const FULL: RoundSettings = {
  rounds: 11,
  roundMs: 80,
  warmUpMs: 300,
  warmUpOperations: 20_000,
  maxWarmUpMs: 2_000,
};
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

  constructor(private readonly request: BenchRequest) {
    this.settings = request.quick ? QUICK : FULL;
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

  /** Whether a contender takes part in this run. */
  takes(name: string): boolean {
    const { contenders } = this.request;
    return contenders.length === 0 || contenders.some((part) => name.includes(part));
  }

  /** One number for a full run, a smaller one for a quick one. */
  size(full: number, quick: number): number {
    return this.quick ? quick : full;
  }
}
