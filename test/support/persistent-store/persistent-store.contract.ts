import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  PersistedWrite,
  PersistentStore,
} from '../../../libs/redis-cache/src/persistence/persistent-store.interface.js';

const BYTES = Buffer.from([0, 255, 193, 39, 92, 10, 0]);

/** Names as a tenant has them, that no other test uses. */
export class Names {
  readonly tenant = `p:{${randomUUID()}/`;
  readonly key = `${this.tenant}lead@1/+1%2F*_%25}`;
  readonly stamp = `${this.tenant.slice(0, -1)}}:stamp`;
  readonly tag = `${this.tenant}#it's~"1"\\}:stamp`;

  get all(): string[] {
    return [this.key, this.stamp, this.tag];
  }
}

/** What every persistent store has to keep to. */
export function persistentStoreContract(
  subject: () => PersistentStore,
  pass: (ms: number) => Promise<unknown> = (ms) => sleep(ms),
): void {
  const look = ({ key, all }: Names) => subject().look(key, all);
  const put = (names: Names, point: string, rest: Partial<PersistedWrite> = {}) =>
    subject().put({
      key: names.key,
      names: names.all,
      bytes: BYTES,
      ttlMs: 60_000,
      point,
      ...rest,
    });
  const bytesOf = async (names: Names) => {
    const { entry } = await look(names);
    return entry && Buffer.from(entry.bytes);
  };
  /** An entry that is there. */
  const stored = async () => {
    const names = new Names();
    expect(await put(names, (await look(names)).point)).toBe(true);
    return names;
  };

  it('has nothing at first, and the very bytes once they are put', async () => {
    const names = new Names();
    const { entry, point } = await look(names);
    expect(entry).toBeUndefined();
    expect(await put(names, point)).toBe(true);
    const { entry: put1 } = await look(names);
    expect(Buffer.from(put1?.bytes ?? [])).toEqual(BYTES);
    expect(put1?.leftMs).toBeGreaterThan(30_000);
    expect(put1?.leftMs).toBeLessThanOrEqual(60_000);
  });

  it('replaces what is there by what is put later', async () => {
    const names = await stored();
    const { point } = await look(names);
    expect(await put(names, point, { bytes: Buffer.from('later') })).toBe(true);
    expect(await bytesOf(names)).toEqual(Buffer.from('later'));
  });

  it('carries bytes of any number', async () => {
    const names = new Names();
    const { point } = await look(names);
    const bytes = Buffer.alloc(300_000, 'ab');
    await put(names, point, { bytes });
    expect((await bytesOf(names))?.equals(bytes)).toBe(true);
    await put(names, point, { bytes: Buffer.alloc(0) });
    expect(await bytesOf(names)).toEqual(Buffer.alloc(0));
  });

  it('gives nothing past its ttl', async () => {
    const names = new Names();
    await put(names, (await look(names)).point, { ttlMs: 30 });
    await pass(31);
    expect(await bytesOf(names)).toBeUndefined();
  });

  it.each(['key', 'stamp', 'tag'] as const)(
    'gives nothing once its %s is invalidated',
    async (by) => {
      const names = await stored();
      await subject().invalidate([names[by]]);
      expect(await bytesOf(names)).toBeUndefined();
    },
  );

  it('leaves alone what is not under the names that are invalidated', async () => {
    const names = await stored();
    const other = await stored();
    await subject().invalidate([names.key, `${other.key}x`, other.tenant, '%', '_']);
    expect(await bytesOf(other)).toEqual(BYTES);
  });

  it.each(['key', 'stamp', 'tag'] as const)(
    'refuses what was looked for before its %s was invalidated, and takes what was after',
    async (by) => {
      const names = new Names();
      const before = await look(names);
      await subject().invalidate([names[by]]);
      await put(names, before.point);
      expect(await bytesOf(names)).toBeUndefined();
      const after = await look(names);
      expect(await put(names, after.point)).toBe(true);
      expect(await bytesOf(names)).toEqual(BYTES);
    },
  );

  it('takes what is put with the point of an invalidation, up to the next one', async () => {
    const names = await stored();
    const point = await subject().invalidate([names.key], names.all);
    expect(await put(names, point)).toBe(true);
    expect(await bytesOf(names)).toEqual(BYTES);
    await subject().invalidate([names.key]);
    await put(names, point);
    expect(await bytesOf(names)).toBeUndefined();
  });

  it('invalidates many at once, the same twice among them', async () => {
    const many = await Promise.all(Array.from({ length: 20 }, stored));
    const keys = many.map(({ key }) => key);
    await Promise.all([
      subject().invalidate([...keys, ...keys]),
      subject().invalidate(keys.reverse()),
    ]);
    expect(await Promise.all(many.map(bytesOf))).toEqual(many.map(() => undefined));
  });

  it('never gives an entry that was looked for before an invalidation, however they interleave', async () => {
    for (let round = 0; round < 20; round += 1) {
      const names = new Names();
      const before = await Promise.all([look(names), look(names)]);
      await Promise.all([
        ...before.map(({ point }) => put(names, point)),
        subject().invalidate([names.stamp]),
        subject().invalidate([names.key]),
        ...before.map(({ point }) => put(names, point)),
      ]);
      expect(await bytesOf(names)).toBeUndefined();
    }
  });

  it('erases what begins alike, and nothing else', async () => {
    const names = await stored();
    const other = await stored();
    const point = await subject().invalidate([names.stamp]);
    expect(await subject().erase({ prefix: names.tenant, point })).toBeLessThanOrEqual(1);
    expect(await bytesOf(names)).toBeUndefined();
    expect(await bytesOf(other)).toEqual(BYTES);
    await put(names, (await look(names)).point);
    expect(await bytesOf(names)).toEqual(BYTES);
  });

  it('refuses, after it was erased, what was looked for before', async () => {
    const names = new Names();
    const { point } = await look(names);
    await subject().invalidate([names.key]);
    const erased = await subject().invalidate([names.stamp]);
    await subject().erase({ prefix: names.tenant, point: erased });
    await put(names, point);
    expect(await bytesOf(names)).toBeUndefined();
  });

  it('can be opened and swept again, and keeps what is there', async () => {
    const names = await stored();
    await Promise.all([subject().open(), subject().open()]);
    await subject().sweep();
    expect(await bytesOf(names)).toEqual(BYTES);
  });
}
