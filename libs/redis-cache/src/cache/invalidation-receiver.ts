import { markOf, NO_MARK } from '../codec/entry-mark.js';
import { decodeHeader } from '../codec/envelope.js';
import type { Successor } from '../invalidation/bus-message.js';
import type { HeardInvalidation } from '../invalidation/coherence.js';
import type { InvalidationLevel } from '../invalidation/invalidation.js';
import type { ParsedKey } from '../keys/key-parser.js';
import type { KeyPattern } from '../keys/key-pattern.js';
import { NewestMap } from '../resilience/newest-map.js';
import type { FarLink } from '../stores/far-store.interface.js';
import { valueless, type NearPlace } from '../stores/near-node.js';
import type { EngineParts } from './engine-parts.js';

/** What a message names. */
type Named = ParsedKey | Extract<HeardInvalidation, { readonly kind: 'pattern' }>;

/** What the key in a message says is evicted. */
const LEVELS: Partial<Record<Named['kind'], InvalidationLevel>> = {
  pattern: 'pattern',
  entry: 'entry',
  tagStamp: 'tag',
  cacheStamp: 'cache',
  tenantStamp: 'tenant',
  globalStamp: 'all',
};

/** What one cache of one owner has in this process, and which cache it is as far as its keys say. */
interface HeardScope {
  readonly near: NearPlace;
  readonly ghosts: NearPlace;
  readonly parsed: ParsedKey | undefined;
}

/** Scopes remembered at most; what is in one can be found again. */
const MAX_SCOPES = 1_000;

/** Applies what other processes have invalidated, and what may have been missed of it. */
export class InvalidationReceiver {
  private readonly scopes = new NewestMap<string, HeardScope>(MAX_SCOPES);

  constructor(
    private readonly parts: Pick<
      EngineParts,
      | 'keys'
      | 'near'
      | 'clock'
      | 'ghosts'
      | 'stamps'
      | 'flights'
      | 'evictionLog'
      | 'events'
      | 'activities'
    > & {
      /** Undefined where there are no others. */
      readonly link: Pick<FarLink, 'nowMs'> | undefined;
    },
  ) {}

  /** What another process tells. */
  apply(message: HeardInvalidation): void {
    const { kind } = message;
    const key = kind === 'pattern' ? message.pattern.name : message.key;
    this.count(this.take(message));
    this.parts.events.emit('remoteInvalidation', { kind, key });
  }

  /** What the server tells of a key that it tracks: somebody has changed it, this process perhaps. */
  applyTracked(kind: 'entry' | 'stamp', key: string): void {
    this.take({ kind, key });
    this.parts.events.emit('trackedChange', { kind, key });
  }

  /** What this process has of the entries that a pattern takes. @returns how many it kept */
  forget(pattern: KeyPattern): number {
    const { keys, near, ghosts, flights, evictionLog } = this.parts;
    const isTaken = (prefix: string, key: string) => pattern.takes(keys.entryIn(prefix, key));
    evictionLog.notePattern(pattern);
    flights.invalidateWhere(isTaken);
    ghosts.deleteWhere(isTaken);
    return near?.deleteWhere(isTaken) ?? 0;
  }

  private count(named: Named | undefined): void {
    const { activities } = this.parts;
    const level = named && LEVELS[named.kind];
    if (!level) return;
    activities.evictions[level].remote += 1;
    if (named.kind !== 'entry' || named.cache === undefined) return;
    // One that is not used here does not become known by what others do with it.
    const activity = activities.known(named.cache);
    if (activity) activity.counters.remoteEvictions += 1;
  }

  /** Nothing that was kept so far is known to hold. */
  forgetEverything(): void {
    this.parts.near?.clear();
    this.parts.ghosts.clear();
    this.parts.stamps.clear();
    this.parts.flights.invalidateAll();
    this.parts.evictionLog.forget();
  }

  /** @returns what it names; instead of an entry perhaps another one of its scope */
  private take(message: HeardInvalidation): Named | undefined {
    const { keys, stamps } = this.parts;
    switch (message.kind) {
      case 'entry':
        return this.takeEntry(message.key, message.successor);
      case 'stamp':
        // Replies and messages come by two connections, so what is told may be the one before. Redis
        // knows which is the last.
        if (!message.stamp || stamps.get(message.key)?.id !== message.stamp.id) {
          stamps.forget(message.key);
        }
        return keys.parse(message.key);
      case 'pattern':
        this.forget(message.pattern);
        return message;
    }
  }

  private takeEntry(redisKey: string, successor: Successor | undefined): ParsedKey | undefined {
    const { keys, ghosts, flights, evictionLog } = this.parts;
    const { scopePrefix, encodedKey } = keys.splitEntry(redisKey);
    const scope = this.scopes.get(scopePrefix) ?? this.addScope(scopePrefix, redisKey);
    if (!successor || !this.succeed(scope.near, encodedKey, successor)) {
      this.parts.near?.delete(scope.near, encodedKey);
    }
    ghosts.delete(scope.ghosts, encodedKey);
    flights.invalidate({ prefix: scopePrefix, key: encodedKey });
    evictionLog.note(redisKey);
    return scope.parsed;
  }

  /**
   * Has an entry take the place of the very one that it took the place of in Redis. Of any other one that is kept here
   * nobody knows whether it is older or newer.
   *
   * @returns false if what is kept here is to go
   */
  private succeed(place: NearPlace, key: string, { after, text }: Successor): boolean {
    const { near, link, clock } = this.parts;
    const kept = near?.peek(place, key)?.entry;
    if (!near || !link || !kept) return false;
    const mark = markOf(text);
    if (mark === NO_MARK || mark === after) return false;
    if (kept.mark === mark) return true;
    if (kept.mark !== after) return false;
    const bytes = Buffer.from(text);
    const decoded = decodeHeader(bytes);
    if (decoded.kind !== 'header' || kept.stamps.some(({ live }) => !live)) return false;
    const nowMs = clock.nowMs();
    const freshForMs = Math.floor(decoded.header.freshUntilMs - link.nowMs(nowMs));
    // Not the text itself, which as a part of the message would keep the whole of it alive.
    const told = bytes.toString();
    const { stamps } = kept;
    const entry = valueless({ keptAtMs: nowMs, freshForMs, stamps, mark, told });
    near.exchange(place, key, entry, told.length === bytes.length ? bytes.length : 2 * told.length);
    return true;
  }

  private addScope(prefix: string, redisKey: string): HeardScope {
    const parsed = this.parts.keys.parse(redisKey);
    const scope = { near: { prefix }, ghosts: { prefix }, parsed };
    this.scopes.put(prefix, scope);
    return scope;
  }
}
