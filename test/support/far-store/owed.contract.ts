import { randomUUID } from 'node:crypto';
import type { FarStoreSubject } from './far-store.trial.js';

/** What a far store remembers of invalidations that the persistent store has not taken. */
export function owedContract(subject: () => FarStoreSubject): void {
  const store = () => subject().store;
  const freshNames = (count: number) => Array.from({ length: count }, () => randomUUID());

  afterEach(async () => {
    const { text } = await store().owed();
    await store().settleOwed(text);
    expect(await store().owesAny()).toBe(false);
  });

  it('owes nothing at first, and what was added until it is settled', async () => {
    expect(await store().owesAny()).toBe(false);
    expect((await store().owed()).names).toEqual([]);
    const [a, b] = freshNames(2) as [string, string];
    await store().owe([a]);
    await store().owe([b, a]);
    expect(await store().owesAny()).toBe(true);
    const owed = await store().owed();
    expect(owed.names).toEqual([a, b]);
    await store().settleOwed(owed.text);
    expect((await store().owed()).names).toEqual([]);
  });

  it('still owes what was added after it was read, were it the same', async () => {
    const [a] = freshNames(1) as [string];
    await store().owe([a]);
    const read = await store().owed();
    await store().owe([a]);
    await store().settleOwed(read.text);
    expect((await store().owed()).names).toEqual([a]);
    await store().settleOwed(read.text);
    expect((await store().owed()).names).toEqual([a]);
  });

  it('settles nothing for those who have read nothing', async () => {
    const [a] = freshNames(1) as [string];
    await store().owe([a]);
    await store().settleOwed('');
    expect((await store().owed()).names).toEqual([a]);
  });
}
