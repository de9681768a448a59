import { failureKind } from '../connection/failure-kind.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { isRedisCacheError, type RedisCacheErrorCode } from '../errors/redis-cache.error.js';
import { RolloutConflictError } from '../errors/rollout-conflict.error.js';
import type { Clock } from '../resilience/clock.js';
import {
  documentText,
  NO_ROLLOUTS,
  parseDocument,
  type RolloutDocument,
} from '../rollout/rollout-document.js';
import type { RolloutRecord } from '../rollout/rollout-record.js';
import type { RolloutState } from '../rollout/rollout-state.js';
import type { Rollouts } from '../rollout/rollouts.js';
import type { FarLink } from '../stores/far-store.interface.js';

/** What a {@link RolloutSync} works with. */
export interface RolloutSyncParts {
  readonly rollouts: Rollouts;
  /** Undefined where no Redis is configured: then a change is one of this process. */
  readonly link:
    | Pick<FarLink, 'available' | 'reachable' | 'suspect' | 'readRollouts' | 'replaceRollouts'>
    | undefined;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/**
 * How often Redis is looked at where no message has come: what it has lost is given back to it, and a
 * message that was lost is made up for.
 */
export const LOOK_EVERY_MS = 5_000;

/** What stands in Redis is read by every process at every look, and not to become large. */
const MAX_BYTES = 262_144;

/** Not written to where nothing is. */
const NOTHING = documentText(NO_ROLLOUTS);

/** The change itself cannot be made, whatever Redis does. */
const REFUSALS: readonly RedisCacheErrorCode[] = ['INVALID_OPTIONS', 'ROLLOUT_CONFLICT'];

/** Others change it as well: each time it is read anew. */
const MAX_ATTEMPTS = 20;

/**
 * Keeps the rollouts of all processes the same. What one of them knows and Redis has are joined, and
 * whoever finds Redis behind brings it up to date: so neither a change that was made while Redis was
 * away is lost, nor one that Redis has forgotten.
 */
export class RolloutSync {
  private last: Promise<unknown> = Promise.resolve();
  private waiting: Promise<void> | undefined;
  private cancelLook: () => void = () => undefined;
  private closed = false;
  private leftAlone = '';

  constructor(private readonly parts: RolloutSyncParts) {}

  /** Begins to look at Redis from time to time. */
  start(): void {
    if (this.closed || !this.parts.link) return;
    this.cancelLook = this.parts.clock.schedule(
      LOOK_EVERY_MS,
      () => {
        this.look();
        this.start();
      },
      { background: true },
    );
  }

  close(): void {
    this.closed = true;
    this.cancelLook();
  }

  /** Joins with Redis in the background: it may have changed there. */
  look(): void {
    if (!this.closed && this.parts.link?.available) this.join().catch(this.parts.onError);
  }

  /**
   * Joins what this process knows with what Redis has.
   *
   * @throws whatever the far store throws, but for a refusal, which is told and changes nothing
   */
  join(): Promise<void> {
    this.waiting ??= this.afterOthers(async () => {
      this.waiting = undefined;
      try {
        await this.joinNow();
      } catch (error) {
        if (failureKind(error) !== 'refused') throw error;
        this.parts.onError(error);
      }
    });
    return this.waiting;
  }

  /**
   * Changes the rollout of a cache for all processes; for this one at once, also if Redis is away.
   *
   * @param state null for what the options say
   * @param ifVersion changes it only if it has this version
   * @returns whether Redis has it; else it is told as soon as it is back
   * @throws {RolloutConflictError} it has another version
   * @throws {InvalidCacheOptionsError} with it, more would be kept than there is room for
   */
  change(cache: string, state: RolloutState | null, ifVersion?: number): Promise<boolean> {
    return this.afterOthers(async () => {
      const { rollouts, link, onError } = this.parts;
      try {
        if (link?.reachable && (await this.changeInRedis(cache, state, ifVersion))) return true;
      } catch (error) {
        if (isRedisCacheError(error) && REFUSALS.includes(error.code)) throw error;
        onError(error);
        link?.suspect('a change of a rollout was not acknowledged');
      }
      this.assertVersion(cache, ifVersion);
      const record = rollouts.next(cache, state, false);
      this.textWith(cache, record);
      rollouts.adopt(cache, record, 'here');
      return link === undefined;
    });
  }

  private async joinNow(): Promise<void> {
    const { rollouts, link } = this.parts;
    for (let attempt = 0; link && attempt < MAX_ATTEMPTS; attempt += 1) {
      const text = await this.read();
      const document = this.parse(text);
      if (!document) return;
      rollouts.join(document);
      rollouts.noteOptions();
      const all = documentText(rollouts.document);
      if (all === NOTHING || all === text || (await link.replaceRollouts(text, all))) return;
    }
  }

  private async changeInRedis(
    cache: string,
    state: RolloutState | null,
    ifVersion: number | undefined,
  ): Promise<boolean> {
    const { rollouts, link } = this.parts;
    for (let attempt = 0; link && attempt < MAX_ATTEMPTS; attempt += 1) {
      const text = await this.read();
      const document = this.parse(text);
      if (!document) return false;
      const known = rollouts.join(document).caches.get(cache);
      this.assertVersion(cache, ifVersion);
      const record = rollouts.next(cache, state, isInRedis(known, document.caches.get(cache)));
      const all = this.textWith(cache, record);
      if (!(await link.replaceRollouts(text, all))) continue;
      rollouts.adopt(cache, record, 'here');
      return true;
    }
    return false;
  }

  private assertVersion(cache: string, expected: number | undefined): void {
    const { version } = this.parts.rollouts.of(cache);
    if (expected !== undefined && expected !== version) {
      throw new RolloutConflictError(cache, expected, version);
    }
  }

  private textWith(cache: string, record: RolloutRecord): string {
    const { caches, partings } = this.parts.rollouts.document;
    const text = documentText({ caches: new Map([...caches, [cache, record]]), partings });
    const bytes = Buffer.byteLength(text);
    if (bytes <= MAX_BYTES) return text;
    throw new InvalidCacheOptionsError(
      `rollout of '${cache}'`,
      `of ${bytes} bytes with those of all other caches`,
      `no more than ${MAX_BYTES} bytes`,
      `Name fewer tenants, or take in more by percent.`,
    );
  }

  /** Something else that somebody has put there is as good as nothing. */
  private async read(): Promise<string> {
    try {
      return (await this.parts.link?.readRollouts()) ?? '';
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return '';
      throw error;
    }
  }

  private parse(text: string): RolloutDocument | undefined {
    const document = parseDocument(text);
    if (document || this.leftAlone === text) return document;
    this.leftAlone = text;
    const error = new TypeError('The rollouts in Redis were written by a later version');
    this.parts.onError(error);
    return undefined;
  }

  /** One after the other, so that each sees what the one before has done. */
  private afterOthers<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }
}

function isInRedis(known: RolloutRecord | undefined, inRedis: RolloutRecord | undefined): boolean {
  return known?.version === inRedis?.version && known?.epoch === inRedis?.epoch;
}
