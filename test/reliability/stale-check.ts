import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheService } from 'nestjs-redis-cache';
import type { VersionedLead, VersionedSource } from './versioned-source.js';

/** What others have invalidated holds for this process after this time: the bus needs a moment. */
const HEARD_AFTER_MS = 500;
const LOOK_EVERY_MS = 25;

/** Older answers, by what they break. */
export interface StaleReads {
  /** Older than what this process had changed itself, or others long enough ago. */
  readonly broken: number;
  /** Older than what another process had changed, while a fault lasted: allowed, for a while. */
  readonly meanwhile: number;
}

/** Says of each answer whether it is older than what was invalidated before the call. */
export class StaleCheck {
  private readonly own = new Map<string, number>();
  private floors: ReadonlyMap<string, number> = new Map();
  private unacknowledged: VersionedLead[] = [];
  private readonly raising = new Set<Promise<void>>();
  private looking = true;
  private readonly looks = this.look();
  private cutOff = false;
  private broken = 0;
  private meanwhile = 0;

  constructor(
    private readonly source: VersionedSource,
    private readonly caches: CacheService,
  ) {}

  get result(): StaleReads {
    return { broken: this.broken, meanwhile: this.meanwhile };
  }

  /** Whether a fault may keep from this process what others do. */
  set mayBeCutOff(cutOff: boolean) {
    this.cutOff = cutOff;
  }

  /** A change whose eviction, or put, has resolved. */
  changed(lead: VersionedLead): void {
    this.own.set(lead.id, Math.max(lead.version, this.own.get(lead.id) ?? 0));
    this.unacknowledged.push(lead);
  }

  /** Makes a call and judges its answer. */
  async judge(id: string, call: () => Promise<VersionedLead>): Promise<VersionedLead> {
    const floor = this.floors.get(id) ?? 0;
    const own = this.own.get(id) ?? 0;
    const hadToHear = this.hasToHear();
    const answer = await call();
    const { version } = answer;
    if (version < own || (version < floor && hadToHear && this.hasToHear())) this.broken += 1;
    else if (version < floor) this.meanwhile += 1;
    return answer;
  }

  /** Resolves when everything that was changed here holds for everybody. */
  async settled(): Promise<void> {
    while (this.unacknowledged.length > 0) await sleep(LOOK_EVERY_MS);
    await Promise.all(this.raising);
  }

  async stop(): Promise<void> {
    this.looking = false;
    await this.looks;
    await Promise.all(this.raising);
  }

  /** Without Redis a process has no way to hear of others. */
  private hasToHear(): boolean {
    return !this.cutOff && this.caches.getStats().mode === 'redis';
  }

  private async look(): Promise<void> {
    while (this.looking) {
      await sleep(LOOK_EVERY_MS);
      // What Redis has not acknowledged, others cannot know yet.
      if (this.caches.getStats().journal.unacknowledged === 0) this.raiseFloors();
      this.floors = await this.source.floors();
    }
  }

  private raiseFloors(): void {
    for (const lead of this.unacknowledged.splice(0)) {
      const raised = this.raiseLater(lead).finally(() => this.raising.delete(raised));
      this.raising.add(raised);
    }
  }

  private async raiseLater(lead: VersionedLead): Promise<void> {
    await sleep(HEARD_AFTER_MS);
    await this.source.raiseFloor(lead);
  }
}
