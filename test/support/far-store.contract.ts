import type { BusMessage } from '../../libs/redis-cache/src/invalidation/bus-message.js';
import type { FarStore } from '../../libs/redis-cache/src/stores/far-store.interface.js';

/** A far store to be tested, with a look at what it has stored. */
export interface FarStoreSubject {
  readonly store: FarStore;
  /** How long the entry still lives; undefined when there is none. */
  entryLifeMs(entryKey: string): Promise<number | undefined>;
  /** As above, of its lease. */
  leaseLifeMs(entryKey: string): Promise<number | undefined>;
  /** What the store tells other processes from now on, in order, once all of it has arrived. */
  listen(): Promise<() => Promise<BusMessage[]>>;
  /** Lets time pass, as the store counts it. */
  pass(ms: number): Promise<void>;
}

const MINE = 'token-of-mine';
const THEIRS = 'token-of-theirs';
/** Long enough never to end within a test. */
const LONG_MS = 60_000;
/** Short enough to wait for. */
const SHORT_MS = 40;
const AFTER_SHORT_MS = 60;
/** What a test may take between a command and the look at what is left of a span. */
const SLACK_MS = 5_000;

const STAMP_ID = /^[0-9a-f]{16}$/;

/** Bytes that text would not survive: zeros, invalid UTF-8, line ends. */
const BINARY = Buffer.from([0, 1, 0, 0xff, 0xfe, 13, 10, 0, 0x80, 7]);
const OTHER = Buffer.from([0, 1, 0, 0xff, 0xfe, 13, 10, 0, 0x81, 7]);

/**
 * What every far store has to keep to.
 *
 * @param subject the store, made before the first test
 * @param freshKey an entry key that no other test uses
 */
export function farStoreContract(subject: () => FarStoreSubject, freshKey: () => string): void {
  let store: FarStore;
  let key: string;

  beforeEach(() => {
    ({ store } = subject());
    key = freshKey();
  });

  const fill = (token: string, bytes: Uint8Array, ttlMs = LONG_MS) =>
    store.fill(key, token, { bytes, ttlMs, announce: false });
  const put = async (bytes: Uint8Array, ttlMs = LONG_MS): Promise<void> => {
    await store.claim(key, THEIRS, LONG_MS);
    expect(await fill(THEIRS, bytes, ttlMs)).toBe(true);
  };
  const acquire = (token: string, known?: Uint8Array, leaseMs = LONG_MS) =>
    store.acquire(key, { token, leaseMs, known });
  const expectEntryLife = async (ms: number | undefined) => {
    expectLife(await subject().entryLifeMs(key), ms);
  };
  const expectLeaseLife = async (ms: number | undefined) => {
    expectLife(await subject().leaseLifeMs(key), ms);
  };

  describe('get', () => {
    it('finds nothing where nothing is', async () => {
      expect(await store.get(key)).toBeUndefined();
    });

    it.each([
      ['bytes that are no text', BINARY],
      ['no bytes at all', Buffer.alloc(0)],
      ['a part of a larger buffer', new Uint8Array(BINARY.buffer, BINARY.byteOffset + 1, 4)],
      ['a megabyte', Buffer.alloc(1_048_576, BINARY)],
    ])('gives back %s as stored', async (_what, bytes) => {
      await put(bytes);
      expect((await store.get(key))?.equals(bytes)).toBe(true);
    });

    it('finds nothing any more once the entry has lived its time', async () => {
      await put(BINARY, SHORT_MS);
      await subject().pass(AFTER_SHORT_MS);
      expect(await store.get(key)).toBeUndefined();
    });
  });

  describe('acquire', () => {
    it('gives the lease, for its time, where nothing is', async () => {
      expect(await acquire(MINE)).toEqual({ kind: 'lease' });
      await expectLeaseLife(LONG_MS);
      await expectEntryLife(undefined);
    });

    it('has everybody wait while one has the lease, its holder too', async () => {
      await acquire(MINE);
      expect(await acquire(THEIRS)).toEqual({ kind: 'wait' });
      expect(await acquire(MINE)).toEqual({ kind: 'wait' });
    });

    it('does not lengthen the lease of another one who has to wait', async () => {
      await acquire(MINE, undefined, SLACK_MS);
      await acquire(THEIRS, undefined, 10 * SLACK_MS);
      expect(await subject().leaseLifeMs(key)).toBeLessThanOrEqual(SLACK_MS);
    });

    it('gives the lease to the next one when it has run out', async () => {
      await acquire(THEIRS, undefined, SHORT_MS);
      await subject().pass(AFTER_SHORT_MS);
      expect(await acquire(MINE)).toEqual({ kind: 'lease' });
    });

    it('gives the entry if there is one, and no lease', async () => {
      await put(BINARY);
      expect(await acquire(MINE)).toEqual({ kind: 'entry', bytes: BINARY });
      await expectLeaseLife(undefined);
    });

    it('gives the entry also while somebody has the lease', async () => {
      await put(BINARY);
      await store.claim(key, THEIRS, LONG_MS);
      expect(await acquire(MINE)).toEqual({ kind: 'entry', bytes: BINARY });
    });

    it.each([
      ['the whole entry', BINARY],
      ['its first bytes', BINARY.subarray(0, 4)],
      ['its first byte, which is zero', BINARY.subarray(0, 1)],
    ])('gives the lease past an entry known by %s', async (_what, known) => {
      await put(BINARY);
      expect(await acquire(MINE, known)).toEqual({ kind: 'lease' });
      expect(await acquire(THEIRS, known)).toEqual({ kind: 'wait' });
      expect(await store.get(key)).toEqual(BINARY);
    });

    it.each([
      ['differs in one byte', OTHER],
      ['differs behind a zero byte', Buffer.from([0, 2])],
      ['is longer', Buffer.concat([BINARY, Buffer.from([0])])],
      ['is empty', Buffer.alloc(0)],
    ])('gives the entry where the known one %s', async (_what, known) => {
      await put(BINARY);
      expect(await acquire(MINE, known)).toEqual({ kind: 'entry', bytes: BINARY });
    });

    it('gives the lease where the known entry has gone', async () => {
      expect(await acquire(MINE, BINARY)).toEqual({ kind: 'lease' });
    });
  });

  describe('claim', () => {
    it('takes the lease where nobody has it', async () => {
      await store.claim(key, MINE, LONG_MS);
      await expectLeaseLife(LONG_MS);
      expect(await acquire(THEIRS)).toEqual({ kind: 'wait' });
      expect(await fill(MINE, BINARY)).toBe(true);
    });

    it('takes it from whoever has it, whose fill is then refused', async () => {
      await acquire(THEIRS, undefined, SLACK_MS);
      await store.claim(key, MINE, LONG_MS);
      await expectLeaseLife(LONG_MS);
      expect(await fill(THEIRS, OTHER)).toBe(false);
      expect(await fill(MINE, BINARY)).toBe(true);
      expect(await store.get(key)).toEqual(BINARY);
    });

    it('leaves the entry in place', async () => {
      await put(BINARY);
      await store.claim(key, MINE, LONG_MS);
      expect(await store.get(key)).toEqual(BINARY);
    });
  });

  describe('renew', () => {
    it('gives the lease its time anew', async () => {
      await acquire(MINE, undefined, SLACK_MS);
      expect(await store.renew(key, MINE, LONG_MS)).toBe(true);
      await expectLeaseLife(LONG_MS);
    });

    it('refuses another token and leaves the lease as it is', async () => {
      await acquire(MINE, undefined, SLACK_MS);
      expect(await store.renew(key, THEIRS, LONG_MS)).toBe(false);
      expect(await subject().leaseLifeMs(key)).toBeLessThanOrEqual(SLACK_MS);
      expect(await fill(MINE, BINARY)).toBe(true);
    });

    it('brings no lease back that has gone', async () => {
      await acquire(MINE);
      await store.evict(key);
      expect(await store.renew(key, MINE, LONG_MS)).toBe(false);
      await expectLeaseLife(undefined);
    });
  });

  describe('fill', () => {
    it('stores the entry for its time and drops the lease', async () => {
      await acquire(MINE);
      expect(await fill(MINE, BINARY)).toBe(true);
      expect(await store.get(key)).toEqual(BINARY);
      await expectEntryLife(LONG_MS);
      await expectLeaseLife(undefined);
    });

    it('replaces an earlier entry and its time', async () => {
      await put(OTHER, SLACK_MS);
      await acquire(MINE, OTHER);
      expect(await fill(MINE, BINARY)).toBe(true);
      expect(await store.get(key)).toEqual(BINARY);
      await expectEntryLife(LONG_MS);
    });

    it('is refused without a lease', async () => {
      expect(await fill(MINE, BINARY)).toBe(false);
      expect(await store.get(key)).toBeUndefined();
    });

    it('is refused with another token, and leaves entry and lease as they are', async () => {
      await put(OTHER);
      await acquire(THEIRS, OTHER);
      expect(await fill(MINE, BINARY)).toBe(false);
      expect(await store.get(key)).toEqual(OTHER);
      await expectLeaseLife(LONG_MS);
    });

    it('is refused after an eviction', async () => {
      await acquire(MINE);
      await store.evict(key);
      expect(await fill(MINE, BINARY)).toBe(false);
      expect(await store.get(key)).toBeUndefined();
    });

    it('is refused after an eviction that another one has taken the lease since', async () => {
      await acquire(MINE);
      await store.evict(key);
      expect(await acquire(THEIRS)).toEqual({ kind: 'lease' });
      expect(await fill(MINE, OTHER)).toBe(false);
      expect(await fill(THEIRS, BINARY)).toBe(true);
      expect(await store.get(key)).toEqual(BINARY);
    });

    it('is refused when the lease has run out', async () => {
      await acquire(MINE, undefined, SHORT_MS);
      await subject().pass(AFTER_SHORT_MS);
      expect(await fill(MINE, BINARY)).toBe(false);
      expect(await store.get(key)).toBeUndefined();
    });

    it('works once for a lease', async () => {
      await acquire(MINE);
      await fill(MINE, BINARY);
      expect(await fill(MINE, OTHER)).toBe(false);
      expect(await store.get(key)).toEqual(BINARY);
    });
  });

  describe('release', () => {
    it('gives the lease back, for the next one to take', async () => {
      await acquire(MINE);
      await store.release(key, MINE);
      await expectLeaseLife(undefined);
      expect(await acquire(THEIRS)).toEqual({ kind: 'lease' });
    });

    it('leaves the lease of another one, and the entry', async () => {
      await put(BINARY);
      await store.claim(key, THEIRS, LONG_MS);
      await store.release(key, MINE);
      await expectLeaseLife(LONG_MS);
      expect(await store.get(key)).toEqual(BINARY);
    });
  });

  describe('evict', () => {
    it('deletes entry and lease, and says that the entry was there', async () => {
      await put(BINARY);
      await acquire(MINE, BINARY);
      expect(await store.evict(key)).toBe(true);
      await expectEntryLife(undefined);
      await expectLeaseLife(undefined);
    });

    it('says that nothing was there, also where there was a lease', async () => {
      expect(await store.evict(key)).toBe(false);
      await acquire(MINE);
      expect(await store.evict(key)).toBe(false);
      await expectLeaseLife(undefined);
    });
  });

  describe('discard', () => {
    it.each([
      ['the whole entry', BINARY],
      ['its first bytes', BINARY.subarray(0, 3)],
    ])('deletes an entry known by %s, and leaves the lease', async (_what, known) => {
      await put(BINARY);
      await acquire(THEIRS, BINARY);
      await store.discard(key, known);
      await expectEntryLife(undefined);
      await expectLeaseLife(LONG_MS);
    });

    it('deletes an entry without a byte', async () => {
      await put(Buffer.alloc(0));
      await store.discard(key, Buffer.alloc(0));
      await expectEntryLife(undefined);
    });

    it.each([
      ['another entry', OTHER],
      ['one without a byte', Buffer.alloc(0)],
    ])('leaves an entry that has taken the place of %s', async (_what, known) => {
      await put(BINARY);
      await store.discard(key, known);
      expect(await store.get(key)).toEqual(BINARY);
    });

    it('does nothing where nothing is', async () => {
      await store.discard(key, BINARY);
      await expectEntryLife(undefined);
    });
  });

  describe('stamp', () => {
    it('is made at random and without a time where there is none, and stays', async () => {
      const made = await store.stamp(key, LONG_MS);
      expect(made).toEqual({ id: expect.stringMatching(STAMP_ID), madeAtMs: 0 });
      expect(await store.stamp(key, LONG_MS)).toEqual(made);
      expect((await store.stamp(freshKey(), LONG_MS)).id).not.toBe(made.id);
    });

    it('is another one once it is renewed, with the time of the server', async () => {
      await store.stamp(key, LONG_MS);
      const renewed = await store.renewStamp(key, 'feedfacefeedface');
      expect(renewed.id).toBe('feedfacefeedface');
      expect(Math.abs(renewed.madeAtMs - store.nowMs())).toBeLessThan(SLACK_MS);
      expect(await store.stamp(key, LONG_MS)).toEqual(renewed);
    });
  });

  describe('what it tells other processes', () => {
    it('is each eviction, also of what was not there', async () => {
      const heard = await subject().listen();
      await store.evict(key);
      await put(BINARY);
      await store.evict(key);
      const message = { kind: 'entry', origin: expect.any(String), key };
      expect(await heard()).toEqual([message, message]);
    });

    it('is each renewal of a stamp, with the stamp', async () => {
      const heard = await subject().listen();
      const stamp = await store.renewStamp(key, 'feedfacefeedface');
      expect(await heard()).toEqual([{ kind: 'stamp', origin: expect.any(String), key, stamp }]);
    });

    it('is a fill that takes the place of an earlier value, and no other', async () => {
      const heard = await subject().listen();
      const request = { bytes: BINARY, ttlMs: LONG_MS };
      await store.claim(key, MINE, LONG_MS);
      await store.fill(key, THEIRS, { ...request, announce: true });
      await store.fill(key, MINE, { ...request, announce: true });
      await store.claim(key, MINE, LONG_MS);
      await store.fill(key, MINE, { ...request, announce: false });
      expect(await heard()).toEqual([{ kind: 'entry', origin: expect.any(String), key }]);
    });
  });
}

function expectLife(actual: number | undefined, expected: number | undefined): void {
  if (expected === undefined || actual === undefined) {
    expect(actual).toBe(expected);
    return;
  }
  expect(actual).toBeLessThanOrEqual(expected);
  expect(actual).toBeGreaterThan(expected - SLACK_MS);
}
