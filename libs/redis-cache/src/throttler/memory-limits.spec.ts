import { FakeClock } from '../../../../test/support/fake-clock.js';
import { MemoryLimits } from './memory-limits.js';
import type { LimitRule } from './rate-limit.js';

const THREE_A_SECOND: LimitRule = { limit: 3, windowMs: 1_000, blockMs: 0 };
const WITH_BLOCK: LimitRule = { ...THREE_A_SECOND, blockMs: 5_000 };

describe('MemoryLimits', () => {
  let clock: FakeClock;
  let memory: MemoryLimits;

  beforeEach(() => {
    clock = new FakeClock();
    memory = new MemoryLimits(clock, 1_000);
  });

  const call = (key = 'k', rule = THREE_A_SECOND) => memory.judge(key, rule, true);
  const kinds = (count: number, key?: string, rule?: LimitRule) =>
    Array.from({ length: count }, () => call(key, rule).kind);

  describe('lets a window slide', () => {
    it('and says how many calls are in it, and when the oldest leaves it', async () => {
      expect(call()).toEqual({ kind: 'allowed', used: 1, waitMs: 1_000 });
      await clock.advance(400);
      expect(call()).toEqual({ kind: 'allowed', used: 2, waitMs: 600 });
      expect(call()).toEqual({ kind: 'allowed', used: 3, waitMs: 600 });
      expect(call()).toEqual({ kind: 'limited', used: 3, waitMs: 600 });
    });

    it('so that a call is allowed in the very moment in which another leaves', async () => {
      call();
      await clock.advance(999);
      expect(kinds(3)).toEqual(['allowed', 'allowed', 'limited']);
      await clock.advance(1);
      expect(kinds(2)).toEqual(['allowed', 'limited']);
      await clock.advance(998);
      expect(kinds(1)).toEqual(['limited']);
      await clock.advance(1);
      expect(kinds(3)).toEqual(['allowed', 'allowed', 'limited']);
    });

    it('and does not count what it refuses', async () => {
      kinds(100);
      await clock.advance(1_000);
      expect(kinds(4)).toEqual(['allowed', 'allowed', 'allowed', 'limited']);
    });

    it('for each key by itself', () => {
      expect([...kinds(4, 'a'), ...kinds(1, 'b')].slice(-2)).toEqual(['limited', 'allowed']);
    });

    it('allows nothing where the limit is 0', () => {
      const never = { ...THREE_A_SECOND, limit: 0 };
      expect(call('k', never)).toEqual({ kind: 'limited', used: 0, waitMs: 1_000 });
    });

    it('waits for as many calls as a lowered limit takes', async () => {
      call();
      await clock.advance(100);
      kinds(2);
      expect(call('k', { ...THREE_A_SECOND, limit: 1 })).toMatchObject({ waitMs: 1_000 });
    });
  });

  describe('shuts out', () => {
    it('for as long as is said, from the call on that was too many', async () => {
      kinds(3, 'k', WITH_BLOCK);
      await clock.advance(500);
      expect(call('k', WITH_BLOCK)).toEqual({ kind: 'blocked', used: 3, waitMs: 5_000 });
      await clock.advance(4_999);
      expect(call('k', WITH_BLOCK)).toEqual({ kind: 'blocked', used: 0, waitMs: 1 });
      await clock.advance(1);
      expect(call('k', WITH_BLOCK)).toEqual({ kind: 'allowed', used: 1, waitMs: 1_000 });
    });

    it('at least until the window would allow a call', () => {
      const short = { ...THREE_A_SECOND, blockMs: 10 };
      kinds(3, 'k', short);
      expect(call('k', short)).toEqual({ kind: 'blocked', used: 3, waitMs: 1_000 });
    });

    it('nobody by a mere look', async () => {
      kinds(3, 'k', WITH_BLOCK);
      expect(memory.judge('k', WITH_BLOCK, false)).toMatchObject({ kind: 'limited' });
      await clock.advance(1_000);
      expect(memory.judge('k', WITH_BLOCK, false)).toEqual({
        kind: 'allowed',
        used: 0,
        waitMs: 0,
      });
    });
  });

  describe('goes on from what Redis has said', () => {
    it('about a call that was allowed', () => {
      memory.learn('k', THREE_A_SECOND, { kind: 'allowed', used: 1, waitMs: 1_000 }, true);
      expect(kinds(3)).toEqual(['allowed', 'allowed', 'limited']);
    });

    it('about a window that is full', async () => {
      memory.learn('k', THREE_A_SECOND, { kind: 'limited', used: 3, waitMs: 300 }, true);
      expect(call()).toMatchObject({ kind: 'limited', waitMs: 300 });
      await clock.advance(300);
      expect(kinds(1)).toEqual(['allowed']);
    });

    it('about somebody who is shut out, and lets in who is not any more', async () => {
      memory.learn('k', WITH_BLOCK, { kind: 'blocked', used: 3, waitMs: 5_000 }, true);
      await clock.advance(4_000);
      expect(call('k', WITH_BLOCK)).toMatchObject({ kind: 'blocked', waitMs: 1_000 });
      memory.learn('k', WITH_BLOCK, { kind: 'allowed', used: 1, waitMs: 1_000 }, true);
      expect(kinds(1, 'k', WITH_BLOCK)).toEqual(['allowed']);
    });
  });

  describe('has to be told to Redis', () => {
    it('what was allowed and who was shut out here, once', async () => {
      call('k', WITH_BLOCK);
      await clock.advance(100);
      kinds(3, 'k', WITH_BLOCK);
      await clock.advance(50);
      expect(memory.untold()).toEqual([{ callsKey: 'k', rule: WITH_BLOCK }]);
      const told = memory.tell('k');
      expect(told).toMatchObject({ agesMs: [150, 50, 50], blockedMs: 4_950 });
      expect(memory.untold()).toEqual([]);
      expect(memory.tell('k')).toBeUndefined();
    });

    it('again, where it has not arrived', async () => {
      kinds(4, 'k', WITH_BLOCK);
      const told = memory.tell('k')!;
      memory.untell('k', WITH_BLOCK, told);
      await clock.advance(100);
      expect(memory.tell('k')).toMatchObject({ agesMs: [100, 100, 100], blockedMs: 4_900 });
    });

    it('nothing that is over', async () => {
      kinds(4);
      await clock.advance(1_000);
      expect(memory.tell('k')).toMatchObject({ agesMs: [], blockedMs: 0 });
    });

    it('who is shut out, after every outage, and nothing else that Redis knew', () => {
      memory.learn('a', WITH_BLOCK, { kind: 'blocked', used: 3, waitMs: 5_000 }, true);
      memory.learn('b', WITH_BLOCK, { kind: 'allowed', used: 1, waitMs: 1_000 }, true);
      expect(memory.untold()).toEqual([]);
      memory.doubt();
      expect(memory.untold().map(({ callsKey }) => callsKey)).toEqual(['a']);
      expect(memory.tell('a')).toMatchObject({ agesMs: [], blockedMs: 5_000 });
    });

    it('that a block holds which it has not heard of, whatever it says meanwhile', () => {
      kinds(4, 'k', WITH_BLOCK);
      memory.learn('k', WITH_BLOCK, { kind: 'allowed', used: 1, waitMs: 1_000 }, true);
      expect(call('k', WITH_BLOCK)).toMatchObject({ kind: 'blocked' });
    });
  });

  describe('is bounded', () => {
    it('under any number of keys, and forgets those first that were not used of late', () => {
      kinds(2, 'kept');
      for (let i = 0; i < 100_000; i++) {
        call(`k${i}`);
        if (i % 100 === 0) memory.learn('kept', THREE_A_SECOND, ALLOWED, false);
      }
      expect(memory.weight).toBeLessThanOrEqual(1_000);
      expect(memory.size).toBeLessThanOrEqual(500);
      expect(kinds(2, 'kept')).toEqual(['allowed', 'limited']);
      expect(call('k0')).toMatchObject({ used: 1 });
    });

    it('under any number of calls by one key', () => {
      const many = { limit: 10_000, windowMs: 60_000, blockMs: 0 };
      kinds(3_000, 'k', many);
      expect(memory.weight).toBeLessThanOrEqual(1_000);
    });

    it('and does not forget a block for the sake of those who are let in', () => {
      kinds(4, 'blocked', WITH_BLOCK);
      for (let i = 0; i < 10_000; i++) call(`k${i}`);
      expect(kinds(1, 'blocked', WITH_BLOCK)).toEqual(['blocked']);
    });

    it('under any number of blocks, which leave room for the others', () => {
      for (let i = 0; i < 10_000; i++) kinds(4, `b${i}`, WITH_BLOCK);
      expect(memory.weight).toBeLessThanOrEqual(1_000);
      expect(kinds(1, 'b9999', WITH_BLOCK)).toEqual(['blocked']);
      expect(kinds(4, 'open')).toEqual(['allowed', 'allowed', 'allowed', 'limited']);
      expect(kinds(1, 'b9900', WITH_BLOCK)).toEqual(['blocked']);
    });

    it('and blocks that have ended give way first', async () => {
      kinds(4, 'long', { ...WITH_BLOCK, blockMs: 60_000 });
      for (let i = 0; i < 100; i++) kinds(4, `b${i}`, WITH_BLOCK);
      await clock.advance(5_000);
      for (let i = 0; i < 1_000; i++) kinds(4, `c${i % 100}`, WITH_BLOCK);
      expect(kinds(1, 'long', WITH_BLOCK)).toEqual(['blocked']);
    });
  });
});

const ALLOWED = { kind: 'allowed', used: 1, waitMs: 1_000 } as const;
