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
      store.claim('k', 'token', 1_000),
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
});
