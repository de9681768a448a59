import { Cluster, Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { clientAdvice } from './client-advice.js';
import { createClient } from './create-client.js';

const SOUND = {
  lazyConnect: true,
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  commandTimeout: 1_000,
};

describe('clientAdvice', () => {
  it('has nothing to say of sound settings', () => {
    expect(clientAdvice(new Redis(SOUND))).toEqual([]);
    expect(clientAdvice(new Redis5(SOUND))).toEqual([]);
  });

  it.each([
    [{ maxRetriesPerRequest: null }, 'maxRetriesPerRequest is null'],
    [{ enableOfflineQueue: true }, 'enableOfflineQueue is on'],
    [{ enableOfflineQueue: undefined }, 'enableOfflineQueue is on'],
    [{ autoResendUnfulfilledCommands: true }, 'autoResendUnfulfilledCommands is on'],
    [{ commandTimeout: undefined }, 'commandTimeout is not set'],
    [{ retryStrategy: () => null }, undefined],
    [{ retryStrategy: null }, 'it has no retryStrategy'],
    [{ keyPrefix: 'app:' }, 'keyPrefix is set'],
    [{ readOnly: true }, 'readOnly is on'],
  ])('of %p it says: %s', (options, beginning) => {
    const advice = clientAdvice(new Redis({ ...SOUND, ...options }));
    expect(advice).toEqual(beginning === undefined ? [] : [expect.stringContaining(beginning)]);
  });

  it('says what the defaults of ioredis do', () => {
    expect(clientAdvice(new Redis({ lazyConnect: true }))).toHaveLength(3);
  });

  it('looks at a cluster and at its connections to the nodes', () => {
    const cluster = new Cluster([], {
      lazyConnect: true,
      enableOfflineQueue: false,
      scaleReads: 'slave',
      redisOptions: { commandTimeout: 1_000, keyPrefix: 'app:' },
    });
    expect(clientAdvice(cluster).map((advice) => advice.split(' ')[0])).toEqual([
      'keyPrefix',
      'scaleReads',
    ]);
  });

  it('would have little to say of the clients we make', () => {
    const advice = clientAdvice(createClient({ host: 'localhost' }));
    expect(advice).toEqual([expect.stringContaining('commandTimeout')]);
  });
});
