import { randomBytes } from 'node:crypto';
import { asBuffer } from '../codec/binary.js';
import { CODEC_IDS } from '../codec/codec-ids.js';
import { encodeEntry } from '../codec/envelope.js';
import { digestOf } from '../codec/stamps-digest.js';
import { failureReason } from '../connection/failure-kind.js';
import { foundBy, type Check, type Finding, type Subject } from './finding.js';
import type { Session } from './session.js';

const found = foundBy('leases');
/** A name that no application gives to a cache of its own. */
const CACHE = 'redis-cache.validate';
/** Of entry, lease and stamp: nothing is left behind if this process dies amid it. */
const LIFE_MS = 10_000;
/** Each under a key of its own, so that most nodes of a cluster are asked. */
const ROUNDS = 8;

/** Stores an entry as an application does, under a lease; evicts it; and is refused a late fill. */
export const checkLeases: Check = async ({ session }: Subject): Promise<Finding[]> => {
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const wrong = await roundTrip(session);
      if (wrong === undefined) continue;
      return [
        found(
          'error',
          wrong,
          'Between here and Redis stands something that does not run scripts as Redis does. Do not use it.',
        ),
      ];
    }
    return [
      found('ok', 'stored and read back under a lease; after an eviction a late fill is refused'),
    ];
  } catch (error) {
    return [
      found(
        'error',
        `an entry cannot be stored: ${failureReason(error)}`,
        'See the other findings.',
      ),
    ];
  }
};

/** @returns what went otherwise than it has to */
async function roundTrip({ far, keys }: Session): Promise<string | undefined> {
  const name = randomBytes(9).toString('base64url');
  const entry = keys.entry(null, CACHE, 1, name);
  const stampKey = keys.cacheStamp(null, CACHE, 1);
  const [ours, theirs] = [`${name}-a`, `${name}-b`];
  const asks = (token: string) =>
    far.acquire(entry, { token, leaseMs: LIFE_MS, known: undefined, takeOverBelowMs: 0 });
  try {
    const { id } = await far.stamp(stampKey, LIFE_MS);
    const bytes = entryOf(far.nowMs(), id, name);
    const fill = (token: string) =>
      far.fill(entry, token, { bytes, ttlMs: LIFE_MS, announce: false });
    if ((await asks(ours)).kind !== 'lease') return 'a lease that nobody has is not given';
    if ((await asks(theirs)).kind !== 'wait') return 'one lease is given to two';
    if (!(await fill(ours))) return 'a fill under a lease is refused';
    if (!(await far.get(entry))?.equals(bytes)) return 'what is read is not what was stored';
    if (!(await far.evict(entry))) return 'an entry that was stored is not found by an eviction';
    if (await fill(ours)) return 'a fill is taken after the eviction of its entry';
    return undefined;
  } finally {
    await far.evict(entry);
  }
}

function entryOf(nowMs: number, stamp: string, value: string): Buffer {
  const createdAtMs = Math.floor(nowMs);
  const untilMs = createdAtMs + LIFE_MS;
  const header = {
    codecId: CODEC_IDS.json,
    createdAtMs,
    freshUntilMs: untilMs,
    usableUntilMs: untilMs,
    digest: digestOf(stamp, stamp, stamp),
    tags: [],
  };
  return asBuffer(encodeEntry(header, JSON.stringify(value)));
}
