import { FIRST_EPOCH, type RolloutEpoch, type RolloutRecord } from './rollout-record.js';
import type { RolloutState } from './rollout-state.js';

/** The rollout of one cache as this process knows it. Whoever reads holds on to this object. */
export class CacheRollout {
  /** What holds: what was changed last, or that of the options. Another object with every change. */
  state: RolloutState;
  epoch: RolloutEpoch = FIRST_EPOCH;
  /** How often it was changed, by whichever process. */
  version = 0;
  /** Whether something else may hold than the options say. */
  overridden = false;

  constructor(
    readonly cache: string,
    /** What the options of this process say. */
    readonly configured: RolloutState,
  ) {
    this.state = configured;
  }

  /** Whether nobody is served, so that not even the key of a read matters. */
  get isOff(): boolean {
    return this.state.mode === 'off';
  }

  /** @returns the state before */
  take({ state, epoch, version }: RolloutRecord): RolloutState {
    const before = this.state;
    this.state = state ?? this.configured;
    this.epoch = epoch;
    this.version = version;
    this.overridden = state !== null;
    return before;
  }
}
