import type { KeyvClient } from './keyv.client.js';
import { readRecord, recordKey, type KeyvRecord } from './keyv.records.js';

/** What was deleted. */
export interface Deleted {
  readonly entries: number;
  has(recordKey: string): boolean;
}

/** Records that are held at once, and then deleted, before the walk begins anew. */
const BATCH = 10_000;

/** Commands on their way at once. */
const AT_ONCE = 100;

/** Walks through all that Keyv has, which is ours and others'. */
export class KeyvWalk {
  constructor(private readonly keyv: KeyvClient) {}

  /**
   * Deletes the records that pass, expired ones too. Without an iterator, there is none.
   *
   * @throws whatever Keyv told of meanwhile as its event `error`
   */
  async delete(passes: (name: string, untilMs: number | undefined) => boolean): Promise<Deleted> {
    const deleted = new Set<string>();
    let entries = 0;
    for (let full = true; full;) {
      const found = await this.find(passes);
      full = found.size === BATCH;
      const keys = [...found.keys()];
      for (let from = 0; from < keys.length; from += AT_ONCE) {
        await Promise.all(keys.slice(from, from + AT_ONCE).map((key) => this.keyv.delete(key)));
      }
      for (const [key, kind] of found) {
        if (deleted.has(key)) full = false; // it does not go: no walk would ever come to an end
        deleted.add(key);
        if (kind === 'entry') entries += 1;
      }
    }
    return { entries, has: (key) => deleted.has(key) };
  }

  private async find(
    passes: (name: string, untilMs: number | undefined) => boolean,
  ): Promise<Map<string, KeyvRecord['kind']>> {
    const { keyv } = this;
    const found = new Map<string, KeyvRecord['kind']>();
    if (typeof keyv.iterator !== 'function') return found;
    const failures: unknown[] = [];
    const onError = (error: unknown): void => void failures.push(error);
    keyv.on?.('error', onError);
    try {
      for await (const pair of keyv.iterator()) {
        const record = Array.isArray(pair) ? readRecord(pair[1], 0) : undefined;
        if (!record) continue;
        const name = record.kind === 'entry' ? record.key : record.name;
        if (passes(name, record.untilMs)) found.set(recordKey(record.kind, name), record.kind);
        if (found.size === BATCH) break;
      }
    } finally {
      keyv.off?.('error', onError);
    }
    if (failures.length > 0) throw failures[0];
    return found;
  }
}
