import { ANYBODY } from '../../../libs/redis-cache/src/invalidation/bus-message.js';
import { FINAL } from '../../../libs/redis-cache/src/stores/far-store.interface.js';
import { BINARY, LESS_MS, LONG_MS, MINE, THEIRS, type FarStoreTrial } from './far-store.trial.js';

const STAMP_ID = /^[0-9a-f]{16}$/;

/** How stamps are kept, and what other processes are told. */
export function invalidationsContract(begin: () => FarStoreTrial): void {
  let trial: FarStoreTrial;

  beforeEach(() => {
    trial = begin();
  });

  describe('stamp', () => {
    it('is made at random and without a time where there is none, and stays', async () => {
      const made = await trial.store.stamp(trial.key, LONG_MS);
      expect(made).toEqual({ id: expect.stringMatching(STAMP_ID), madeAtMs: 0 });
      expect(await trial.store.stamp(trial.key, LONG_MS)).toEqual(made);
      expect((await trial.store.stamp(begin().key, LONG_MS)).id).not.toBe(made.id);
    });

    it('is another one once it is renewed, with the time of the server', async () => {
      await trial.store.stamp(trial.key, LONG_MS);
      const renewed = await trial.store.renewStamp(trial.key, 'feedfacefeedface');
      expect(renewed.id).toBe('feedfacefeedface');
      expect(Math.abs(renewed.madeAtMs - trial.store.nowMs())).toBeLessThan(LESS_MS);
      expect(await trial.store.stamp(trial.key, LONG_MS)).toEqual(renewed);
    });
  });

  describe('what it tells other processes', () => {
    it('is each eviction, also of what was not there', async () => {
      const heard = await trial.subject.listen();
      await trial.store.evict(trial.key);
      await trial.put(BINARY);
      await trial.store.evict(trial.key);
      const message = { kind: 'entry', origin: expect.any(String), key: trial.key };
      expect(await heard()).toEqual([message, message]);
    });

    it('is each renewal of a stamp, with the stamp', async () => {
      const heard = await trial.subject.listen();
      const stamp = await trial.store.renewStamp(trial.key, 'feedfacefeedface');
      expect(await heard()).toEqual([
        { kind: 'stamp', origin: expect.any(String), key: trial.key, stamp },
      ]);
    });

    it('is a fill that takes the place of an earlier value, and no other', async () => {
      const heard = await trial.subject.listen();
      const request = { bytes: BINARY, ttlMs: LONG_MS };
      await trial.claim(MINE);
      await trial.store.fill(trial.key, THEIRS, { ...request, announce: true });
      await trial.store.fill(trial.key, MINE, { ...request, announce: true });
      await trial.claim(MINE);
      await trial.store.fill(trial.key, MINE, { ...request, announce: false });
      expect(await heard()).toEqual([
        { kind: 'entry', origin: expect.any(String), key: trial.key },
      ]);
    });

    it('is a claim that takes the entry along, in a name that no process goes by', async () => {
      const heard = await trial.subject.listen();
      await trial.claim(`${THEIRS}${FINAL}`);
      await trial.claim(MINE);
      await trial.claim(THEIRS);
      expect(await heard()).toEqual([{ kind: 'entry', origin: ANYBODY, key: trial.key }]);
    });
  });
}
