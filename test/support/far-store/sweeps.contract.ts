import { randomUUID } from 'node:crypto';
import { KeySpace } from '../../../libs/redis-cache/src/keys/key-space.js';
import type { SweepProgress } from '../../../libs/redis-cache/src/stores/far-store.interface.js';
import { FarStoreTrial, BINARY, LONG_MS, MINE, type FarStoreSubject } from './far-store.trial.js';

/** How keys are looked for and deleted, and looked at without a trace. */
export function sweepsContract(subject: () => FarStoreSubject): void {
  let keys: KeySpace;

  beforeEach(() => {
    keys = new KeySpace(`sweep-${randomUUID()}`);
  });

  const at = (tenant: string | null, cache: string, key: string, version = 1): FarStoreTrial =>
    new FarStoreTrial(subject(), keys.entry(tenant, cache, version, key));

  describe('sweep', () => {
    it('deletes what is taken, entries of every version, and says how many there were', async () => {
      const taken = [
        at('acme', 'lead', '1'),
        at('acme', 'lead', '2', 7),
        at('acme', 'lead.x', '1'),
      ];
      const left = [at('acme', 'note', '1'), at('acme.eu', 'lead', '1'), at(null, 'lead', '1')];
      for (const trial of [...taken, ...left]) await trial.put(BINARY);
      const { store } = subject();
      expect(await store.sweep(keys.pattern('acme', 'lead*').entries)).toBe(3);
      for (const trial of taken) expect(await trial.get()).toBeUndefined();
      for (const trial of left) expect(await trial.get()).toEqual(BINARY);
      expect(await store.sweep(keys.pattern('acme', 'lead*').entries)).toBe(0);
    });

    it('of leases refuses the fills under them, and leaves entries', async () => {
      const [held, other] = [at('acme', 'lead', '1'), at('acme', 'note', '1')];
      await held.put(BINARY);
      for (const trial of [held, other]) await trial.acquire(MINE, BINARY.subarray(0, 3));
      expect(await subject().store.sweep(keys.pattern('acme', 'lead').leases)).toBe(1);
      await held.expectLeaseLife(undefined);
      expect(await held.fill(MINE, BINARY)).toBe(false);
      expect(await held.get()).toEqual(BINARY);
      await other.expectLeaseLife(LONG_MS);
    });

    it('of a tenant leaves nothing of it, and all of others', async () => {
      const { store } = subject();
      await at('acme', 'lead', '1').put(BINARY);
      await at('acme', 'lead', '2').claim(MINE);
      const gone = [
        keys.tenantStamp('acme'),
        keys.cacheStamp('acme', 'lead', 1),
        keys.tagStamp('acme', 'lead:42'),
      ];
      const stays = [
        keys.globalStamp(),
        keys.tenantStamp(null),
        keys.tenantStamp('acme.eu'),
        keys.tenantStamp('{acme}'),
        keys.tenantStamp('*'),
        keys.tagStamp('acme/', 'lead:42'),
        keys.tagStamp(null, 'acme'),
      ];
      for (const key of [...gone, ...stays]) await store.stamp(key, LONG_MS);
      expect(await store.sweep(keys.tenantKeys('acme'))).toBe(5);
      expect(await store.peekStamps(gone)).toEqual([undefined, undefined, undefined]);
      expect(await store.peekStamps(stays)).not.toContain(undefined);
    });

    it('tells how far it has come', async () => {
      const told: SweepProgress[] = [];
      for (const key of ['1', '2']) await at('acme', 'lead', key).put(BINARY);
      await subject().store.sweep(keys.tenantKeys('acme'), (progress) => told.push(progress));
      const { node, nodes, deleted } = told.at(-1) as SweepProgress;
      expect(deleted).toBe(2);
      expect(node).toBe(nodes);
    });
  });

  describe('announce', () => {
    it('tells other processes of the pattern', async () => {
      const heard = await subject().listen();
      const pattern = keys.pattern('ac/me', 'lead.*/a b*');
      await subject().store.announce(pattern);
      expect(await heard()).toEqual([{ kind: 'pattern', origin: expect.any(String), pattern }]);
    });
  });

  describe('look', () => {
    it('finds an entry and the lease with its token, and changes nothing', async () => {
      const trial = at('acme', 'lead', '1');
      const { store } = subject();
      expect(await store.look(trial.key)).toEqual({ bytes: undefined, lease: undefined });
      await trial.put(BINARY);
      await trial.acquire(MINE, BINARY.subarray(0, 3));
      const look = await store.look(trial.key);
      expect(look).toEqual({ bytes: BINARY, lease: { token: MINE, leftMs: expect.any(Number) } });
      await trial.expectLeaseLife(LONG_MS);
      expect(look.lease?.leftMs).toBeLessThanOrEqual(LONG_MS);
      expect(await trial.fill(MINE, BINARY)).toBe(true);
    });

    it('at stamps makes none', async () => {
      const { store } = subject();
      const [none, one] = [keys.tagStamp('acme', 'none'), keys.tagStamp('acme', 'one')];
      const stamp = await store.renewStamp(one, 'feedfacefeedface');
      expect(await store.peekStamps([none, one, none])).toEqual([undefined, stamp, undefined]);
      expect(await store.peekStamps([])).toEqual([]);
    });
  });
}
