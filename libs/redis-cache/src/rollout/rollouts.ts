import { CacheRollout } from './cache-rollout.js';
import type { RolloutDocument } from './rollout-document.js';
import {
  changed,
  later,
  leavesUnnoticed,
  noted,
  type RolloutEpoch,
  type RolloutRecord,
} from './rollout-record.js';
import { FULLY_ON, grows, isSameState, type RolloutState } from './rollout-state.js';

/** Who has changed a state: this process, or another one. */
export type RolloutOrigin = 'here' | 'other';

/** The rollout of a cache has changed in this process. */
export interface RolloutChange {
  readonly cache: string;
  readonly from: RolloutState;
  readonly to: RolloutState;
  readonly version: number;
  readonly by: RolloutOrigin;
}

/** What {@link Rollouts} works with. */
export interface RolloutsParts {
  /** What the options say of a cache. */
  readonly configuredOf: (cache: string) => RolloutState;
  /** Caches that are known, whether anything is said of their rollout or not. */
  readonly names: () => readonly string[];
  readonly newEpoch: () => RolloutEpoch;
  /** Whether this process keeps entries in its own memory alone. */
  readonly apart: boolean;
  /** What was stored in a cache so far is not to be served any more. Called before the change is told. */
  readonly onEnd: (cache: string) => void;
  readonly onChange: (change: RolloutChange) => void;
}

/** The rollouts of all caches of one application. */
export class Rollouts {
  private readonly caches = new Map<string, CacheRollout>();
  private readonly records = new Map<string, RolloutRecord>();
  /** Caches whose options were compared with what was noted of them. */
  private readonly compared = new Set<string>();
  private partings = 0;
  private begunAnew = false;

  constructor(private readonly parts: RolloutsParts) {}

  /** What all processes are to know, as far as this one knows it. */
  get document(): RolloutDocument {
    return { caches: this.records, partings: this.partings };
  }

  /**
   * Whether what was stored by now has to be ended before it is read: a process has kept entries apart
   * since, and may have evicted what it could tell nobody. Asked once by each process that starts; those
   * that run have heard, or are told.
   */
  get mustBeginAnew(): boolean {
    return !this.parts.apart && !this.begunAnew && this.partings % 2 === 1;
  }

  of(cache: string): CacheRollout {
    const known = this.caches.get(cache);
    if (known) return known;
    const made = new CacheRollout(cache, this.parts.configuredOf(cache));
    const record = this.records.get(cache);
    if (record) made.take(record);
    this.caches.set(cache, made);
    return made;
  }

  /** The record of a cache after a change; see {@link changed}. Nothing changes by asking. */
  next(cache: string, state: RolloutState | null, inRedis: boolean): RolloutRecord {
    const { configured } = this.of(cache);
    const { newEpoch } = this.parts;
    return changed(this.records.get(cache), { state, configured }, { inRedis, newEpoch });
  }

  /**
   * Takes over what is later in a document than what is known here.
   *
   * @returns what all processes are to know then: that of both
   */
  join(document: RolloutDocument): RolloutDocument {
    for (const [cache, theirs] of document.caches) this.joinOne(cache, theirs);
    this.partings = Math.max(this.partings, document.partings);
    return this.document;
  }

  /** Takes over a record that is later than what is known here. */
  adopt(cache: string, record: RolloutRecord, by: RolloutOrigin): void {
    const rollout = this.of(cache);
    const { epoch } = rollout;
    this.records.set(cache, record);
    const from = rollout.take(record);
    const { state: to, version } = rollout;
    if (epoch !== record.epoch || !grows(from, to)) this.parts.onEnd(cache);
    if (!isSameState(from, to)) this.parts.onChange({ cache, from, to, version, by });
  }

  /** Notes that what was stored before this process has started is ended. */
  noteBegun(): void {
    if (this.mustBeginAnew) this.partings += 1;
    this.begunAnew = true;
  }

  /**
   * Notes what the options of this process say of each cache, once; see {@link noted}. And that it keeps
   * entries apart, whenever another one has ended what was stored by then.
   */
  noteOptions(): void {
    if (this.parts.apart && this.partings % 2 === 0) this.partings += 1;
    for (const cache of this.parts.names()) {
      if (this.compared.has(cache)) continue;
      this.compared.add(cache);
      const { configured } = this.of(cache);
      const record = noted(this.records.get(cache), configured, FULLY_ON, this.parts.newEpoch);
      if (record) this.adopt(cache, record, 'here');
    }
  }

  private joinOne(cache: string, theirs: RolloutRecord): void {
    const ours = this.records.get(cache);
    if (!ours) {
      this.adopt(cache, theirs, 'other');
      return;
    }
    const record = later(ours, theirs);
    const other = record === ours ? theirs : ours;
    if (leavesUnnoticed(other, record)) {
      const { version } = record;
      const epoch = this.parts.newEpoch();
      this.adopt(cache, { ...record, version: version + 1, epoch }, 'other');
    } else if (record !== ours) this.adopt(cache, record, 'other');
  }
}
