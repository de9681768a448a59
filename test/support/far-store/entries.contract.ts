import {
  AFTER_SHORT_MS,
  BINARY,
  LESS_MS,
  LONG_MS,
  MINE,
  OTHER,
  SHORT_MS,
  THEIRS,
  type FarStoreTrial,
} from './far-store.trial.js';

/** How entries are stored, read and deleted. */
export function entriesContract(begin: () => FarStoreTrial): void {
  let trial: FarStoreTrial;

  beforeEach(() => {
    trial = begin();
  });

  describe('get', () => {
    it('finds nothing where nothing is', async () => {
      expect(await trial.get()).toBeUndefined();
    });

    it.each([
      ['bytes that are no text', BINARY],
      ['no bytes at all', Buffer.alloc(0)],
      ['a part of a larger buffer', new Uint8Array(BINARY.buffer, BINARY.byteOffset + 1, 4)],
      ['a megabyte', Buffer.alloc(1_048_576, BINARY)],
    ])('gives back %s as stored', async (_what, bytes) => {
      await trial.put(bytes);
      expect((await trial.get())?.equals(bytes)).toBe(true);
    });

    it('finds nothing any more once the entry has lived its time', async () => {
      await trial.put(BINARY, SHORT_MS);
      await trial.subject.pass(AFTER_SHORT_MS);
      expect(await trial.get()).toBeUndefined();
    });
  });

  describe('fill', () => {
    it('stores the entry for its time and drops the lease', async () => {
      await trial.acquire(MINE);
      expect(await trial.fill(MINE, BINARY)).toBe(true);
      expect(await trial.get()).toEqual(BINARY);
      await trial.expectEntryLife(LONG_MS);
      await trial.expectLeaseLife(undefined);
    });

    it('replaces an earlier entry and its time', async () => {
      await trial.put(OTHER, LESS_MS);
      await trial.acquire(MINE, OTHER);
      expect(await trial.fill(MINE, BINARY)).toBe(true);
      expect(await trial.get()).toEqual(BINARY);
      await trial.expectEntryLife(LONG_MS);
    });

    it('is refused without a lease', async () => {
      expect(await trial.fill(MINE, BINARY)).toBe(false);
      expect(await trial.get()).toBeUndefined();
    });

    it('is refused with another token, and leaves entry and lease as they are', async () => {
      await trial.put(OTHER);
      await trial.acquire(THEIRS, OTHER);
      expect(await trial.fill(MINE, BINARY)).toBe(false);
      expect(await trial.get()).toEqual(OTHER);
      await trial.expectLeaseLife(LONG_MS);
    });

    it('is refused after an eviction', async () => {
      await trial.acquire(MINE);
      await trial.store.evict(trial.key);
      expect(await trial.fill(MINE, BINARY)).toBe(false);
      expect(await trial.get()).toBeUndefined();
    });

    it('is refused after an eviction that another one has taken the lease since', async () => {
      await trial.acquire(MINE);
      await trial.store.evict(trial.key);
      expect(await trial.acquire(THEIRS)).toEqual({ kind: 'lease' });
      expect(await trial.fill(MINE, OTHER)).toBe(false);
      expect(await trial.fill(THEIRS, BINARY)).toBe(true);
      expect(await trial.get()).toEqual(BINARY);
    });

    it('is refused when the lease has run out', async () => {
      await trial.acquire(MINE, undefined, SHORT_MS);
      await trial.subject.pass(AFTER_SHORT_MS);
      expect(await trial.fill(MINE, BINARY)).toBe(false);
      expect(await trial.get()).toBeUndefined();
    });

    it('works once for a lease', async () => {
      await trial.acquire(MINE);
      await trial.fill(MINE, BINARY);
      expect(await trial.fill(MINE, OTHER)).toBe(false);
      expect(await trial.get()).toEqual(BINARY);
    });
  });

  describe('store', () => {
    // A server that does not know the script yet is told of it, and does not run it.
    beforeEach(() => trial.storeAtOnce(BINARY, { untilMs: 0 }));

    it('stores the entry for its time, in the place of an earlier one', async () => {
      await trial.put(OTHER, LESS_MS);
      expect(await trial.storeAtOnce(BINARY)).toBe(true);
      expect(await trial.get()).toEqual(BINARY);
      await trial.expectEntryLife(LONG_MS);
    });

    it('drops the lease, whoever has it, so that nobody stores under it', async () => {
      await trial.acquire(THEIRS);
      expect(await trial.storeAtOnce(BINARY)).toBe(true);
      await trial.expectLeaseLife(undefined);
      expect(await trial.fill(THEIRS, OTHER)).toBe(false);
      expect(await trial.get()).toEqual(BINARY);
    });

    it('does nothing when it comes too late', async () => {
      await trial.put(OTHER);
      await trial.acquire(THEIRS, OTHER);
      const untilMs = trial.store.nowMs() - LONG_MS;
      expect(await trial.storeAtOnce(BINARY, { untilMs })).toBe(false);
      expect(await trial.get()).toEqual(OTHER);
      await trial.expectLeaseLife(LONG_MS);
    });

    it('does nothing of what a later call has outdated by the time that it is sent', async () => {
      await trial.acquire(THEIRS);
      let outdated = false;
      const storing = trial.storeAtOnce(BINARY, { isOutdated: () => outdated });
      outdated = true;
      expect(await storing).toBe(false);
      expect(await trial.get()).toBeUndefined();
      await trial.expectLeaseLife(LONG_MS);
    });
  });

  describe('evict', () => {
    it('deletes entry and lease, and says that the entry was there', async () => {
      await trial.put(BINARY);
      await trial.acquire(MINE, BINARY);
      expect(await trial.store.evict(trial.key)).toBe(true);
      await trial.expectEntryLife(undefined);
      await trial.expectLeaseLife(undefined);
    });

    it('says that nothing was there, also where there was a lease', async () => {
      expect(await trial.store.evict(trial.key)).toBe(false);
      await trial.acquire(MINE);
      expect(await trial.store.evict(trial.key)).toBe(false);
      await trial.expectLeaseLife(undefined);
    });
  });

  describe('discard', () => {
    it.each([
      ['the whole entry', BINARY],
      ['its first bytes', BINARY.subarray(0, 3)],
    ])('deletes an entry known by %s, and leaves the lease', async (_what, known) => {
      await trial.put(BINARY);
      await trial.acquire(THEIRS, BINARY);
      await trial.store.discard(trial.key, known);
      await trial.expectEntryLife(undefined);
      await trial.expectLeaseLife(LONG_MS);
    });

    it('deletes an entry without a byte', async () => {
      await trial.put(Buffer.alloc(0));
      await trial.store.discard(trial.key, Buffer.alloc(0));
      await trial.expectEntryLife(undefined);
    });

    it.each([
      ['another entry', OTHER],
      ['one without a byte', Buffer.alloc(0)],
    ])('leaves an entry that has taken the place of %s', async (_what, known) => {
      await trial.put(BINARY);
      await trial.store.discard(trial.key, known);
      expect(await trial.get()).toEqual(BINARY);
    });

    it('does nothing where nothing is', async () => {
      await trial.store.discard(trial.key, BINARY);
      await trial.expectEntryLife(undefined);
    });
  });
}
