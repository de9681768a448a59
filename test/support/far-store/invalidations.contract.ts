import { asBuffer } from '../../../libs/redis-cache/src/codec/binary.js';
import { CODEC_IDS } from '../../../libs/redis-cache/src/codec/codec-ids.js';
import { markOf } from '../../../libs/redis-cache/src/codec/entry-mark.js';
import { encodeEntry } from '../../../libs/redis-cache/src/codec/envelope.js';
import { ANYBODY } from '../../../libs/redis-cache/src/invalidation/bus-message.js';
import { FINAL } from '../../../libs/redis-cache/src/stores/far-store.interface.js';
import {
  BINARY,
  LESS_MS,
  LONG_MS,
  MINE,
  THEIRS,
  TOLD_BYTES,
  type FarStoreTrial,
} from './far-store.trial.js';

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

    it('is the entry itself where it takes the place of one, behind the mark of that', async () => {
      const [first, second, third] = [entry('first'), entry('sécond'), entry('third')];
      await trial.put(asBuffer(first));
      const heard = await trial.subject.listen();
      await trial.storeAtOnce(second);
      await trial.claim(MINE);
      const request = { bytes: third, ttlMs: LONG_MS, announce: true };
      await trial.store.fill(trial.key, MINE, request);
      const message = { kind: 'entry', origin: expect.any(String), key: trial.key };
      expect(await heard()).toEqual([
        { ...message, successor: { after: markOf(first), text: second } },
        { ...message, successor: { after: markOf(second), text: third } },
      ]);
    });

    it('is the entry of each of several that are stored at one go', async () => {
      const [first, second, third] = [entry('first'), entry('second'), entry('third')];
      await trial.put(asBuffer(first));
      const heard = await trial.subject.listen();
      const other = begin();
      await Promise.all([
        trial.storeAtOnce(second),
        other.storeAtOnce(entry('other')),
        trial.storeAtOnce(third),
      ]);
      const told = await heard();
      const message = { kind: 'entry', origin: expect.any(String), key: trial.key };
      const ofOther = (key: unknown) => key === other.key;
      expect(told.filter((each) => 'key' in each && ofOther(each.key))).toEqual([
        { ...message, key: other.key },
      ]);
      expect(told.filter((each) => !('key' in each && ofOther(each.key)))).toEqual([
        { ...message, successor: { after: markOf(first), text: second } },
        { ...message, successor: { after: markOf(second), text: third } },
      ]);
    });

    it('is the name alone of an entry that is large, no text, kept by nobody, the first, or the first of its kind', async () => {
      const heard = await trial.subject.listen();
      const small = entry('small');
      await trial.storeAtOnce(small); // there was none
      await trial.storeAtOnce(entry('x'.repeat(TOLD_BYTES)));
      await trial.storeAtOnce(asBuffer(small));
      await trial.storeAtOnce(BINARY);
      await trial.storeAtOnce(small); // something else stood there
      await trial.storeAtOnce(small, { isKept: false });
      const message = { kind: 'entry', origin: expect.any(String), key: trial.key };
      expect(await heard()).toEqual(Array.from({ length: 6 }, () => message));
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

function entry(value: string): string {
  const payload = JSON.stringify(value);
  const header = {
    codecId: CODEC_IDS.json,
    createdAtMs: 1_700_000_000_000,
    freshUntilMs: 1_700_000_060_000,
    usableUntilMs: 1_700_000_060_000,
    digest: 'a'.repeat(11),
    tags: [],
  };
  return encodeEntry(header, payload) as string;
}
