import { FINAL } from '../../../libs/redis-cache/src/stores/far-store.interface.js';
import {
  AFTER_SHORT_MS,
  BINARY,
  LESS_MS,
  LONG_MS,
  MINE,
  OTHER,
  OTHERS,
  SHORT_MS,
  THEIRS,
  type FarStoreTrial,
} from './far-store.trial.js';

/** How leases are given, kept and given back. */
export function leasesContract(begin: () => FarStoreTrial): void {
  let trial: FarStoreTrial;

  beforeEach(() => {
    trial = begin();
  });

  describe('acquire', () => {
    it('gives the lease, for its time, where nothing is', async () => {
      expect(await trial.acquire(MINE)).toEqual({ kind: 'lease' });
      await trial.expectLeaseLife(LONG_MS);
      await trial.expectEntryLife(undefined);
    });

    it('has everybody wait while one has the lease', async () => {
      await trial.acquire(MINE);
      expect(await trial.acquire(THEIRS)).toEqual({ kind: 'wait' });
      expect(await trial.acquire(OTHERS)).toEqual({ kind: 'wait' });
    });

    it('gives it to whose request comes again, for the client has lost the reply', async () => {
      await trial.acquire(MINE, undefined, LESS_MS);
      expect(await trial.acquire(MINE)).toEqual({ kind: 'lease' });
      expect(await trial.subject.leaseLifeMs(trial.key)).toBeLessThanOrEqual(LESS_MS);
      expect(await trial.acquire(THEIRS)).toEqual({ kind: 'wait' });
    });

    it('tells of each lease that is given, and of nothing else', async () => {
      await Promise.all([trial.acquire(MINE), trial.acquire(THEIRS)]);
      expect(trial.given).toEqual([MINE]);
      await trial.claim(THEIRS);
      expect(trial.given).toEqual([MINE, THEIRS]);
      await trial.fill(THEIRS, BINARY);
      await trial.acquire(MINE);
      expect(trial.given).toEqual([MINE, THEIRS]);
    });

    it('does not lengthen the lease of another one who has to wait', async () => {
      await trial.acquire(MINE, undefined, LESS_MS);
      await trial.acquire(THEIRS, undefined, 10 * LESS_MS);
      expect(await trial.subject.leaseLifeMs(trial.key)).toBeLessThanOrEqual(LESS_MS);
    });

    it('gives the lease to the next one when it has run out', async () => {
      await trial.acquire(THEIRS, undefined, SHORT_MS);
      await trial.subject.pass(AFTER_SHORT_MS);
      expect(await trial.acquire(MINE)).toEqual({ kind: 'lease' });
    });

    it('gives the entry if there is one, and no lease', async () => {
      await trial.put(BINARY);
      expect(await trial.acquire(MINE)).toEqual({ kind: 'entry', bytes: BINARY });
      await trial.expectLeaseLife(undefined);
    });

    it('gives the entry also while somebody has the lease', async () => {
      await trial.put(BINARY);
      await trial.claim(THEIRS);
      expect(await trial.acquire(MINE)).toEqual({ kind: 'entry', bytes: BINARY });
    });

    it.each([
      ['the whole entry', BINARY],
      ['its first bytes', BINARY.subarray(0, 4)],
      ['its first byte, which is zero', BINARY.subarray(0, 1)],
    ])('gives the lease past an entry known by %s', async (_what, known) => {
      await trial.put(BINARY);
      expect(await trial.acquire(MINE, known)).toEqual({ kind: 'lease' });
      expect(await trial.acquire(THEIRS, known)).toEqual({ kind: 'wait' });
      expect(await trial.get()).toEqual(BINARY);
    });

    it.each([
      ['differs in one byte', OTHER],
      ['differs behind a zero byte', Buffer.from([0, 2])],
      ['is longer', Buffer.concat([BINARY, Buffer.from([0])])],
      ['is empty', Buffer.alloc(0)],
    ])('gives the entry where the known one %s', async (_what, known) => {
      await trial.put(BINARY);
      expect(await trial.acquire(MINE, known)).toEqual({ kind: 'entry', bytes: BINARY });
    });

    it('takes a lease over that has less left than is asked for, and for its own time', async () => {
      await trial.acquire(THEIRS, undefined, LESS_MS);
      expect(await trial.acquire(MINE, undefined, LONG_MS, LESS_MS / 2)).toEqual({ kind: 'wait' });
      expect(await trial.acquire(MINE, undefined, LONG_MS, LESS_MS + 1)).toEqual({ kind: 'lease' });
      await trial.expectLeaseLife(LONG_MS);
      expect(await trial.fill(THEIRS, OTHER)).toBe(false);
      expect(await trial.fill(MINE, BINARY)).toBe(true);
    });

    it('takes no lease over whose token is final', async () => {
      await trial.acquire(`${THEIRS}${FINAL}`, undefined, LESS_MS);
      expect(await trial.acquire(MINE, undefined, LONG_MS, LONG_MS)).toEqual({ kind: 'wait' });
    });

    it('gives the lease where the known entry has gone', async () => {
      expect(await trial.acquire(MINE, BINARY)).toEqual({ kind: 'lease' });
    });
  });

  describe('claim', () => {
    it('takes the lease where nobody has it', async () => {
      await trial.claim(MINE);
      await trial.expectLeaseLife(LONG_MS);
      expect(await trial.acquire(THEIRS)).toEqual({ kind: 'wait' });
      expect(await trial.fill(MINE, BINARY)).toBe(true);
    });

    it('takes it from whoever has it, whose fill is then refused', async () => {
      await trial.acquire(THEIRS, undefined, LESS_MS);
      await trial.claim(MINE);
      await trial.expectLeaseLife(LONG_MS);
      expect(await trial.fill(THEIRS, OTHER)).toBe(false);
      expect(await trial.fill(MINE, BINARY)).toBe(true);
      expect(await trial.get()).toEqual(BINARY);
    });

    it.each([
      ['nobody', undefined, MINE],
      ['nobody, with a final token', undefined, `${MINE}${FINAL}`],
      ['one whose token is as little final', THEIRS, MINE],
      ['one whose token is not final', THEIRS, `${MINE}${FINAL}`],
      ['one whose token is as final', `${THEIRS}${FINAL}`, `${MINE}${FINAL}`],
    ])('leaves the entry in place where it takes the lease from %s', async (_who, holder, mine) => {
      await trial.put(BINARY);
      if (holder) await trial.claim(holder);
      expect(await trial.claim(mine)).toBe(false);
      expect(await trial.get()).toEqual(BINARY);
    });

    it('takes the entry along, with a token that is not final from one that is', async () => {
      await trial.put(BINARY);
      await trial.claim(`${THEIRS}${FINAL}`);
      expect(await trial.claim(MINE)).toBe(true);
      await trial.expectEntryLife(undefined);
      await trial.expectLeaseLife(LONG_MS);
      expect(await trial.fill(`${THEIRS}${FINAL}`, OTHER)).toBe(false);
      expect(await trial.fill(MINE, BINARY)).toBe(true);
    });

    it('does so too where both are sent at one go', async () => {
      await trial.put(BINARY);
      const claims = [`${THEIRS}${FINAL}`, MINE, OTHERS].map((token) => trial.claim(token));
      expect(await Promise.all(claims)).toEqual([false, true, false]);
      await trial.expectEntryLife(undefined);
      expect(await trial.fill(OTHERS, BINARY)).toBe(true);
    });

    it('leaves the entry where the final token has run out', async () => {
      await trial.put(BINARY);
      await trial.acquire(`${THEIRS}${FINAL}`, BINARY, SHORT_MS);
      await trial.subject.pass(AFTER_SHORT_MS);
      expect(await trial.claim(MINE)).toBe(false);
      expect(await trial.get()).toEqual(BINARY);
    });
  });

  describe('renew', () => {
    it('gives the lease its time anew', async () => {
      await trial.acquire(MINE, undefined, LESS_MS);
      expect(await trial.store.renew(trial.key, MINE, LONG_MS)).toBe(true);
      await trial.expectLeaseLife(LONG_MS);
    });

    it('refuses another token and leaves the lease as it is', async () => {
      await trial.acquire(MINE, undefined, LESS_MS);
      expect(await trial.store.renew(trial.key, THEIRS, LONG_MS)).toBe(false);
      expect(await trial.subject.leaseLifeMs(trial.key)).toBeLessThanOrEqual(LESS_MS);
      expect(await trial.fill(MINE, BINARY)).toBe(true);
    });

    it('brings no lease back that has gone', async () => {
      await trial.acquire(MINE);
      await trial.store.evict(trial.key);
      expect(await trial.store.renew(trial.key, MINE, LONG_MS)).toBe(false);
      await trial.expectLeaseLife(undefined);
    });
  });

  describe('release', () => {
    it('gives the lease back, for the next one to take', async () => {
      await trial.acquire(MINE);
      await trial.store.release(trial.key, MINE);
      await trial.expectLeaseLife(undefined);
      expect(await trial.acquire(THEIRS)).toEqual({ kind: 'lease' });
    });

    it('leaves the lease of another one, and the entry', async () => {
      await trial.put(BINARY);
      await trial.claim(THEIRS);
      await trial.store.release(trial.key, MINE);
      await trial.expectLeaseLife(LONG_MS);
      expect(await trial.get()).toEqual(BINARY);
    });
  });
}
