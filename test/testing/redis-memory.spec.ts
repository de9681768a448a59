import { TestRedis } from 'nestjs-redis-cache/testing';
import { RedisConnection } from '../../libs/redis-cache/src/connection/redis-connection.js';
import {
  parseMessage,
  type BusMessage,
} from '../../libs/redis-cache/src/invalidation/bus-message.js';
import { KeySpace } from '../../libs/redis-cache/src/keys/key-space.js';
import type { RedisMemoryClient } from '../../libs/redis-cache/src/testing/redis-memory.client.js';
import { RedisFarStore } from '../../libs/redis-cache/src/stores/redis-far.store.js';
import { farStoreContract } from '../support/far-store/far-store.contract.js';
import { TOLD_BYTES, type FarStoreSubject } from '../support/far-store/far-store.trial.js';

const keys = new KeySpace('kit');
let made = 0;

describe('the far store on a Redis in memory', () => {
  const redis = new TestRedis();
  const { clock } = redis;
  const client = redis.createClient() as RedisMemoryClient;
  const connection = new RedisConnection({ client, owned: false, clock, random: () => 0 });
  const lifeMs = async (key: string) => {
    const leftMs = await client.pttl(key);
    return leftMs < 0 ? undefined : leftMs;
  };
  const subject: FarStoreSubject = {
    store: new RedisFarStore(connection, keys, 'this-process', { maxEntryBytes: TOLD_BYTES }),
    entryLifeMs: lifeMs,
    leaseLifeMs: (key) => lifeMs(keys.lease(key)),
    listen: async () => {
      const messages: BusMessage[] = [];
      const listener = client.duplicate();
      await listener.connect();
      await listener.subscribe(keys.channel());
      listener.on('message', (_channel: string, text: string) => {
        messages.push(parseMessage(text) as BusMessage);
      });
      return () => Promise.resolve(messages);
    },
    pass: (ms) => clock.advance(ms),
  };

  beforeAll(async () => {
    connection.start();
    await clock.advance(0);
  });

  afterAll(() => connection.close());

  farStoreContract(
    () => subject,
    () => keys.entry('ac:me/{*}', 'far store', 1, `${++made}`),
  );

  it('refuses what the cache does not send', async () => {
    const [own, other] = await Promise.all([
      client.evalBuffer('-- limit\nreturn 1', 0).catch(String),
      client.cluster().catch(String),
    ]);
    expect([own, other]).toEqual([
      'ReplyError: ERR unknown command of the script limit: a TestRedis has what the cache sends',
      'ReplyError: ERR unknown command CLUSTER: a TestRedis has what the cache sends',
    ]);
  });
});
