import { positiveMs, type Duration } from '../config/duration.js';
import { knownFields } from '../config/option-checks.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { PersistentStoreError } from '../errors/persistent-store.error.js';
import { readStampName } from '../keys/stamp-name.js';
import type { KeyvClient } from './keyv.client.js';
import { getAll, KeyvMarks, lateName } from './keyv.marks.js';
import {
  entryText,
  markText,
  pointText,
  readPoint,
  readRecord,
  recordKey,
  type KeyvEntry,
  type KeyvMark,
} from './keyv.records.js';
import { KeyvWalk } from './keyv.walk.js';
import type {
  PersistedErasure,
  PersistedLook,
  PersistedWrite,
  PersistentStore,
} from './persistent-store.interface.js';

/** Options of a {@link KeyvStore}. */
export interface KeyvStoreOptions {
  /** A `Keyv`, with whatever adapter. It is not closed. Applications whose prefixes differ may share it. */
  keyv: KeyvClient;
  /** Entries are kept for no longer than this, whatever their policy says. @default '30d' */
  maxTtl?: Duration;
  /**
   * Pause between two sweeps for what has expired, by all processes together; a sweep reads everything
   * that Keyv has. False for none, which is right where the adapter expires what it keeps.
   * @default '6h' where the adapter says that it does not (`ttlSupport: false`), false for all others
   */
  sweepInterval?: Duration | false;
}

/** Drawn anew when the store is opened, to see whether it takes what is written. */
const OPENED = '~open';

const SWEPT = '~swept';

/**
 * Keeps entries in Keyv. It keeps the rule of {@link PersistentStore} without transactions, as an entry
 * is stored with the ids that its names had before its load, and given while they have them: see
 * `keyv.marks.ts`.
 */
export class KeyvStore implements PersistentStore {
  private readonly keyv: KeyvClient;
  private readonly marks: KeyvMarks;
  private readonly walk: KeyvWalk;
  private readonly maxTtlMs: number;
  private readonly sweepIntervalMs: number | undefined;

  /** @throws {InvalidCacheOptionsError} an option cannot be used */
  constructor(options: KeyvStoreOptions) {
    knownFields(options, 'KeyvStore', ['keyv', 'maxTtl', 'sweepInterval']);
    const { keyv, maxTtl = '30d', sweepInterval = sweepsByDefault(options.keyv) } = options;
    assertClient(keyv);
    this.keyv = keyv;
    this.maxTtlMs = positiveMs(maxTtl, 'KeyvStore.maxTtl');
    this.sweepIntervalMs =
      sweepInterval === false ? undefined : positiveMs(sweepInterval, 'KeyvStore.sweepInterval');
    // Long enough that a mark with half of it left outlives an entry that is put now.
    this.marks = new KeyvMarks(keyv, 2 * this.maxTtlMs);
    this.walk = new KeyvWalk(keyv);
  }

  /** @throws {PersistentStoreError} Keyv does not have what was just written to it */
  async open(): Promise<void> {
    await this.marks.change([OPENED]);
  }

  async look(key: string, names: readonly string[]): Promise<PersistedLook> {
    const wanted = names.length === 0 ? [] : [...new Set([...names, lateName(key)])];
    const keys = wanted.map((name) => recordKey('mark', name));
    const [stored, ...rest] = await getAll(this.keyv, [recordKey('entry', key), ...keys]);
    const seen = this.marks.from(wanted, rest);
    const entry = entryOf(stored, key);
    const holds = entry !== undefined && (await this.holds(entry, seen));
    const marks = await this.completed(wanted, seen, holds);
    return {
      entry: holds ? { bytes: entry.bytes, leftMs: entry.untilMs - Date.now() } : undefined,
      point: pointText(idsOf(marks)),
    };
  }

  async put({ key, names, bytes, ttlMs: saidMs, point }: PersistedWrite): Promise<boolean> {
    const before = readPoint(point);
    const late = names.filter((name) => !before.has(name));
    const now = idsOf(await this.completed(late, await this.marks.read(names), false));
    if (late.length > 0 && !(await this.nothingLate(key, late, before))) return false;
    const ids = new Map(names.map((name) => [name, before.get(name) ?? now.get(name)]));
    if (!isComplete(ids) || names.some((name) => ids.get(name) !== now.get(name))) return false;
    const ttlMs = Math.min(saidMs, this.maxTtlMs);
    const text = entryText({ key, ids, bytes, untilMs: Date.now() + ttlMs });
    // Keyv does not reject where its adapter does.
    if ((await this.keyv.set(recordKey('entry', key), text, ttlMs)) !== false) return true;
    throw new PersistentStoreError('Keyv has not taken an entry');
  }

  async invalidate(names: readonly string[], next: readonly string[] = []): Promise<string> {
    const late = names.flatMap((name) => (readStampName(name) ? lateName(name) : []));
    // Before their names: whoever sees the new id of a name sees then that it came late.
    if (late.length > 0) await this.marks.change([...new Set(late)]);
    const entries = names.map((name) => recordKey('entry', name));
    const [changed] = await Promise.all([
      this.marks.change([...new Set(names)]),
      ...entries.map((key) => this.keyv.delete(key)),
    ]);
    const [key] = next;
    if (key === undefined) return pointText(idsOf(changed));
    const others = [...next, lateName(key)].filter((name) => !changed.has(name));
    const marks = await this.completed(others, await this.marks.read(others), false);
    return pointText(idsOf(new Map([...changed, ...marks])));
  }

  /** @throws {PersistentStoreError} Keyv cannot say what it has */
  async erase({ prefix }: PersistedErasure): Promise<number> {
    const probe = `${prefix}~probe`;
    await this.marks.make([probe]);
    const erased = await this.walk.delete((name) => name.startsWith(prefix));
    if (erased.has(recordKey('mark', probe))) return erased.entries;
    throw new PersistentStoreError(
      'Keyv does not say what it has, or does not delete it: its adapter has no iterator, so nothing can ' +
        'be erased. What was evicted is not given, and stays until it expires',
    );
  }

  async sweep(): Promise<void> {
    const { sweepIntervalMs } = this;
    if (sweepIntervalMs === undefined) return;
    const nowMs = Date.now();
    if ((await this.marks.read([SWEPT])).size > 0) return;
    const turn = markText({ name: SWEPT, id: '', untilMs: nowMs + sweepIntervalMs });
    await this.keyv.set(recordKey('mark', SWEPT), turn, sweepIntervalMs);
    await this.walk.delete((_name, untilMs) => untilMs !== undefined && untilMs <= nowMs);
  }

  /** Keyv is not its own. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Whether all names of an entry are called what they were when it was looked for. */
  private async holds({ ids }: KeyvEntry, seen: ReadonlyMap<string, KeyvMark>): Promise<boolean> {
    const rest = [...ids.keys()].filter((name) => !seen.has(name));
    const marks = new Map([...seen, ...(await this.marks.read(rest))]);
    return [...ids].every(([name, id]) => marks.get(name)?.id === id);
  }

  /** With a mark for each name, that outlives an entry which is put now where there is none that holds. */
  private async completed(
    names: readonly string[],
    marks: ReadonlyMap<string, KeyvMark>,
    holds: boolean,
  ): Promise<ReadonlyMap<string, KeyvMark>> {
    const missing = names.filter((name) => {
      const mark = marks.get(name);
      return !mark || (!holds && this.marks.endsEarly(mark, this.maxTtlMs));
    });
    if (missing.length === 0) return marks;
    return new Map([...marks, ...(await this.marks.make(missing))]);
  }

  /**
   * Whether names that were not known when the entry was looked for were not invalidated since: then what
   * they are called now they were called then. To be asked once what they are called now is read.
   */
  private async nothingLate(
    key: string,
    late: readonly string[],
    before: ReadonlyMap<string, string>,
  ): Promise<boolean> {
    const ofAll = lateName(key);
    if (late.some((name) => !readStampName(name) || lateName(name) !== ofAll)) return false;
    const mark = (await this.marks.read([ofAll])).get(ofAll);
    return mark !== undefined && mark.id === before.get(ofAll);
  }
}

function entryOf(stored: unknown, key: string): KeyvEntry | undefined {
  const record = readRecord(stored, Date.now());
  return record?.kind === 'entry' && record.key === key ? record : undefined;
}

function idsOf(marks: ReadonlyMap<string, KeyvMark>): Map<string, string> {
  return new Map([...marks].map(([name, { id }]) => [name, id]));
}

function isComplete(ids: Map<string, string | undefined>): ids is Map<string, string> {
  return ![...ids.values()].includes(undefined);
}

function sweepsByDefault(keyv: unknown): Duration | false {
  const { store } = (keyv ?? {}) as { readonly store?: { readonly ttlSupport?: unknown } };
  return store?.ttlSupport === false ? '6h' : false;
}

function assertClient(keyv: unknown): void {
  const methods = (keyv ?? {}) as Partial<Record<keyof KeyvClient, unknown>>;
  const needed = ['get', 'set', 'delete'] satisfies (keyof KeyvClient)[];
  if (needed.every((name) => typeof methods[name] === 'function')) return;
  throw new InvalidCacheOptionsError(
    'KeyvStore.keyv',
    keyv,
    'an object with the methods get, set and delete',
    `Write for instance new KeyvStore({ keyv: new Keyv({ store: adapter }) }).`,
  );
}
