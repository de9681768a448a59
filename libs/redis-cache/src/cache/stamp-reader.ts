import type { EntryHeader } from '../codec/envelope.js';
import { FarUnavailableError } from '../errors/far-tier.error.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';
import type { FarStore } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';
import { EntryStamps } from './entry-stamps.js';

/** A stamp that was read longer ago is read again: that also keeps it from expiring while in use. */
const REREAD_AFTER_MS = 3_600_000;

/** How long a stamp has to live at least, so that it outlives the entries under it. */
const LIFE_MS = 30 * 86_400_000;

/** A stamp that was forgotten while its answer was on its way is asked for this often. */
const MAX_QUESTIONS = 10;

/** Gives the stamps of entries: those known here while the bus is trusted, else those in Redis. */
export class StampReader {
  private readonly asked = new Map<string, Promise<KnownStamp>>();

  constructor(private readonly parts: EngineParts) {}

  /**
   * The stamps of an entry. Asks Redis for those that are not known, all in one round trip.
   *
   * @param ask asks for each of them, however well it is known
   * @throws whatever the far store throws
   */
  async read(
    far: FarStore,
    ref: ScopedEntry,
    tags: Iterable<string>,
    { budgetMs, lifeMs = 0, ask = false }: { budgetMs?: number; lifeMs?: number; ask?: boolean },
  ): Promise<EntryStamps> {
    const names = [...new Set(tags)];
    const known = ask ? undefined : this.known(ref, names);
    if (known) return known;
    const get = (key: string) => {
      const knownOne = ask ? undefined : this.knownOne(key);
      return knownOne ?? this.ask(far, key, Math.max(LIFE_MS, lifeMs), budgetMs);
    };
    const { keys } = this.parts;
    const [all, tenant, cache, ...tagged] = await Promise.all([
      get(keys.globalStamp()),
      get(keys.tenantStamp(ref.tenant)),
      get(keys.cacheStamp(ref.tenant, ref.cache, ref.version)),
      ...names.map((tag) => get(keys.tagStamp(ref.tenant, tag))),
    ]);
    const { scope } = ref;
    const { epoch } = scope.rollout;
    if (!scope.stamps?.areOf(all, tenant, cache, epoch)) {
      scope.stamps = new EntryStamps(all, tenant, cache, NONE, epoch);
    }
    return scope.stamps.withTags(pair(names, tagged));
  }

  /** The stamps as this process knows them, for as long as Redis cannot be asked. */
  local({ scope, tenant, cache, version }: ScopedEntry, tags: Iterable<string>): EntryStamps {
    const { keys } = this.parts;
    const names = [...new Set(tags)];
    if (!scope.stamps?.live) {
      scope.stamps = new EntryStamps(
        this.localOne(keys.globalStamp()),
        this.localOne(keys.tenantStamp(tenant)),
        this.localOne(keys.cacheStamp(tenant, cache, version)),
        NONE,
        scope.rollout.epoch,
      );
    }
    const tagged = names.map((tag) => this.localOne(keys.tagStamp(tenant, tag)));
    return scope.stamps.withTags(pair(names, tagged));
  }

  /** The stamps of an entry if all are known here, so that Redis need not be asked. */
  known(
    { scope, tenant }: ScopedEntry,
    tags: readonly string[],
    nowMs = this.parts.clock.nowMs(),
  ): EntryStamps | undefined {
    const { keys, coherence } = this.parts;
    const { stamps } = scope;
    if (!coherence.hearsOthers || !stamps?.live) return undefined;
    if (stamps.readAtMs <= nowMs - REREAD_AFTER_MS) return undefined;
    if (tags.length === 0) return stamps;
    const tagged = new Map<string, KnownStamp>();
    for (const tag of tags) {
      const known = this.knownOne(keys.tagStamp(tenant, tag));
      if (!known) return undefined;
      tagged.set(tag, known);
    }
    return stamps.withTags(tagged);
  }

  /**
   * The stamps of a stored entry if it holds by what is known here.
   *
   * @param scope the entry's stamps but for its tags
   */
  matching(ref: ScopedEntry, header: EntryHeader, scope: EntryStamps): EntryStamps | undefined {
    const known = header.tags.length === 0 ? scope : this.known(ref, namesOf(header));
    return known?.match(header) ? known : undefined;
  }

  /** The same where nothing is known of its stamps yet. */
  ifKnown(ref: ScopedEntry, header: EntryHeader): EntryStamps | undefined {
    const scope = this.known(ref, NO_TAGS);
    return scope && this.matching(ref, header, scope);
  }

  /**
   * The same where Redis has to be asked: for what is not known, and before an entry is given up for
   * all of them, as what is known here may be behind.
   */
  async holding(
    far: FarStore,
    ref: ScopedEntry,
    header: EntryHeader,
    scope: EntryStamps,
    budgetMs?: number,
  ): Promise<EntryStamps | undefined> {
    const tags = namesOf(header);
    const known = tags.length === 0 ? scope : await this.read(far, ref, tags, { budgetMs });
    if (known.match(header)) return known;
    if (!this.parts.coherence.hearsOthers) return undefined;
    const asked = await this.read(far, ref, tags, { budgetMs, ask: true });
    return asked.match(header) ? asked : undefined;
  }

  /**
   * Stamps of before that are not live any more, if Redis still has the same: one that was forgotten
   * need not have changed.
   */
  async confirm(
    far: FarStore,
    ref: ScopedEntry,
    former: EntryStamps,
    budgetMs?: number,
  ): Promise<EntryStamps | undefined> {
    const current = await this.read(far, ref, former.tags.keys(), { budgetMs });
    return current.match(former.forHeader()) ? current : undefined;
  }

  /** The stamp under a key if a read would go by what is known of it here. Changes nothing. */
  knownOne(key: string): KnownStamp | undefined {
    const { coherence, stamps, clock } = this.parts;
    if (!coherence.hearsOthers) return undefined;
    const known = stamps.get(key);
    return known && known.readAtMs > clock.nowMs() - REREAD_AFTER_MS ? known : undefined;
  }

  private localOne(key: string): KnownStamp {
    const { stamps, random } = this.parts;
    return stamps.local(key, () => random.stampId());
  }

  /** One question at a time while the bus tells of what changes meanwhile. */
  private ask(
    far: FarStore,
    key: string,
    lifeMs: number,
    budgetMs: number | undefined,
  ): Promise<KnownStamp> {
    if (!this.parts.coherence.hearsOthers) return this.askAnew(far, key, lifeMs, budgetMs);
    const underWay = this.asked.get(key);
    if (underWay) return underWay;
    const asking = this.askAnew(far, key, lifeMs, budgetMs).finally(() => {
      this.asked.delete(key);
    });
    this.asked.set(key, asking);
    return asking;
  }

  private async askAnew(
    far: FarStore,
    key: string,
    lifeMs: number,
    budgetMs: number | undefined,
  ): Promise<KnownStamp> {
    const { stamps, clock } = this.parts;
    for (let questions = 0; questions < MAX_QUESTIONS; questions += 1) {
      const askedAt = stamps.changes;
      const stamp = await far.stamp(key, lifeMs, budgetMs);
      // Renewed while the answer was on its way: what the renewal told is later.
      const known = stamps.learn(key, stamp, askedAt, clock.nowMs()) ?? stamps.get(key);
      if (known) return known;
    }
    throw new FarUnavailableError(`The stamp ${key} changes faster than it can be read`);
  }
}

const NO_TAGS: readonly string[] = [];

const NONE: ReadonlyMap<string, KnownStamp> = new Map();

function namesOf({ tags }: EntryHeader): string[] {
  return tags.map(({ tag }) => tag);
}

function pair<T>(names: readonly string[], values: readonly T[]): ReadonlyMap<string, T> {
  return new Map(names.map((name, i) => [name, values[i] as T]));
}
