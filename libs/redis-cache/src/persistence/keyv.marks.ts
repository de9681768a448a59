import { randomUUID } from 'node:crypto';
import { PersistentStoreError } from '../errors/persistent-store.error.js';
import { readStampName } from '../keys/stamp-name.js';
import type { KeyvClient } from './keyv.client.js';
import { markText, readRecord, recordKey, type KeyvMark } from './keyv.records.js';

type Marks = ReadonlyMap<string, KeyvMark>;

/** A name of what only the result of a load names is looked for under, as it is not known before. */
export function lateName(name: string): string {
  return `${name.slice(0, name.indexOf('/') + 1)}~late`;
}

/**
 * The marks of names: an id for each, which every invalidation changes. An id is drawn once and written
 * once, so what was put under one that is gone is gone for good, whatever else is written, and in which
 * order. A mark that is lost is drawn anew: that makes misses, and no hits.
 *
 * Nothing is taken for written before it has been read. Keyv and its adapters tell of few failures.
 */
export class KeyvMarks {
  /** @param lifeMs of a mark of an entry or a tag, which are as many as there are data */
  constructor(
    private readonly keyv: KeyvClient,
    private readonly lifeMs: number,
  ) {}

  async read(names: readonly string[]): Promise<Marks> {
    const stored = await getAll(
      this.keyv,
      names.map((name) => recordKey('mark', name)),
    );
    return this.from(names, stored);
  }

  /** What {@link read} makes of what was read with something else. */
  from(names: readonly string[], stored: readonly unknown[]): Marks {
    const nowMs = Date.now();
    const marks = new Map<string, KeyvMark>();
    for (const [index, name] of names.entries()) {
      const record = readRecord(stored[index], nowMs);
      if (record?.kind === 'mark' && record.name === name) marks.set(name, record);
    }
    return marks;
  }

  /**
   * Makes marks where there are none. Another process may do so at the same time: one of them is there then.
   *
   * @throws {PersistentStoreError} what was written is not there
   */
  async make(names: readonly string[]): Promise<Marks> {
    await this.write(names);
    const marks = await this.read(names);
    if (names.some((name) => !marks.has(name))) throw lost();
    return marks;
  }

  /**
   * Resolves once none of the names has an id that it had before. If another process has changed it at
   * the same time, nobody can tell whether the id there is newer than this call: then once more.
   *
   * @throws {PersistentStoreError} what was written is not there
   */
  async change(names: readonly string[]): Promise<Marks> {
    const written = await this.write(names);
    const marks = await this.read(names);
    const unsure = names.filter((name) => marks.get(name)?.id !== written.get(name));
    if (unsure.length === 0) return marks;
    await this.write(unsure);
    const again = await this.read(unsure);
    for (const name of unsure) {
      const id = again.get(name)?.id;
      if (id === undefined || id === marks.get(name)?.id) throw lost();
    }
    return new Map([...marks, ...again]);
  }

  /** Whether a mark ends before an entry may that is put under it now. */
  endsEarly({ untilMs }: KeyvMark, longestMs: number): boolean {
    return untilMs !== undefined && untilMs < Date.now() + longestMs;
  }

  /** @returns the ids */
  private async write(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const ids = new Map(names.map((name) => [name, randomUUID()]));
    await Promise.all(
      [...ids].map(([name, id]) => {
        const lifeMs = this.lifeOf(name);
        const untilMs = lifeMs === undefined ? undefined : Date.now() + lifeMs;
        const text = markText({ name, id, untilMs });
        return this.keyv.set(recordKey('mark', name), text, lifeMs);
      }),
    );
    return ids;
  }

  /** Those of tenants and caches stay: with one of them ends all that is under it. */
  private lifeOf(name: string): number | undefined {
    const isEntry = /\}(~\w+)?$/.test(name);
    return isEntry || readStampName(name)?.ofTag ? this.lifeMs : undefined;
  }
}

/** Of each key what is stored, in one step where that can be done. */
export async function getAll(
  keyv: KeyvClient,
  keys: readonly string[],
): Promise<readonly unknown[]> {
  if (keys.length === 0) return [];
  return keyv.getMany ? keyv.getMany([...keys]) : Promise.all(keys.map((key) => keyv.get(key)));
}

function lost(): PersistentStoreError {
  return new PersistentStoreError(
    'Keyv does not have what was just written to it: its adapter fails and does not say so, or reads ' +
      'from where it does not write',
  );
}
