import { ConnectionHarness } from '../../../../test/support/connection-harness.js';
import { KeySpace } from '../keys/key-space.js';
import { RedisFarStore } from './redis-far.store.js';

describe('RedisFarStore', () => {
  it('sends what goes out behind a command that the client throws at', async () => {
    const harness = new ConnectionHarness();
    const slip = new TypeError('args is not iterable');
    const throwing = () => {
      throw slip;
    };
    Object.assign(harness.client, { evalshaBuffer: throwing });
    const store = new RedisFarStore(await harness.ready(), new KeySpace('t'), 'origin');
    const [evicted, claimed, found] = await Promise.allSettled([
      store.evict('k'),
      store.claim('k', { token: 'token', leaseMs: 1_000 }),
      store.get('k'),
    ]);
    const thrown = { status: 'rejected', reason: slip };
    expect([evicted, claimed, found]).toEqual([
      thrown,
      thrown,
      { status: 'fulfilled', value: 'OK' },
    ]);
    expect(harness.client.sent).toEqual(['get']);
  });

  it('sends the evictions of a tick before its reads, whichever was asked for first', async () => {
    const harness = new ConnectionHarness();
    const sent: string[] = [];
    Object.assign(harness.client, {
      evalshaBuffer: (_sha: string, count: number, ...[key]: string[]) => {
        sent.push(`script ${key}`);
        return Promise.resolve(Array(count / 2).fill(1));
      },
      mgetBuffer: (...keys: string[]) => {
        sent.push(`mget ${keys.join()}`);
        return Promise.resolve(keys.map(() => null));
      },
    });
    const store = new RedisFarStore(await harness.ready(), new KeySpace('t'), 'origin');
    const asked = [store.get('a'), store.evict('a'), store.get('b'), store.evict('b')];
    expect(sent).toEqual(['script a']);
    expect(await Promise.all(asked)).toEqual([undefined, true, undefined, true]);
    expect(sent).toEqual(['script a', 'script b', 'mget a,b']);
  });

  it.each([
    ['that takes an entry along, once it has', 1, ['evalsha', 'spublish shard 1 - e k']],
    ['that takes none along', 0, ['evalsha']],
  ])('tells by the shard channel of a claim %s', async (_which, reply, sent) => {
    const harness = new ConnectionHarness();
    const told: string[] = [];
    Object.assign(harness.client, {
      evalshaBuffer: () => Promise.resolve(told.push('evalsha') && [reply]),
      spublish: (...args: string[]) => Promise.resolve(told.push(`spublish ${args.join(' ')}`)),
    });
    const shard = () => 'shard';
    const store = new RedisFarStore(await harness.ready(), new KeySpace('t'), 'origin', {
      shardChannel: shard,
    });
    expect(await store.claim('k', { token: 'token', leaseMs: 1_000 })).toBe(reply === 1);
    expect(told).toEqual(sent);
    expect(harness.client.sent).toEqual([]);
  });
});
