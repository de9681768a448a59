import { Redis, type RedisOptions } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { Script } from '../../libs/redis-cache/src/connection/script-runner.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

const clients: [string, typeof Redis, RedisOptions][] = [
  ['ioredis 6, RESP3', Redis, {}],
  ['ioredis 6, RESP2', Redis, { protocol: 2 }],
  ['ioredis 6, RESP3 replies', Redis, { replyMapping: 'resp3' }],
  ['ioredis 5', Redis5 as unknown as typeof Redis, {}],
];

describeWithServer.each(clients)('Script, by %s', (_name, Client, options) => {
  const echo = new Script('echo', `return { KEYS[1], ARGV[1], ARGV[2], 7, false }`, 1);
  const put = new Script('put', `return redis.call('SET', KEYS[1], ARGV[1])`, 1);
  const bytes = Buffer.from([0, 255, 10, 13]);
  let server: RedisServerProcess;
  let client: Redis;
  const opened: Redis[] = [];

  const open = (more: RedisOptions): Redis => {
    const redis = new Client(server.port, '127.0.0.1', { ...options, ...more });
    opened.push(redis);
    return redis;
  };

  /** How often the server has read from a socket: what was sent together is read at once. */
  const readsOfServer = async (): Promise<number> => {
    const info = await client.info('stats');
    return Number(/total_reads_processed:(\d+)/.exec(info)?.[1]);
  };

  beforeAll(async () => {
    server = await RedisServerProcess.start();
  });

  beforeEach(async () => {
    client = open({ enableAutoPipelining: true });
    await client.script('FLUSH');
  });

  afterEach(() => {
    for (const redis of opened.splice(0)) redis.disconnect();
  });

  afterAll(() => server.stop());

  it('carries bytes both ways', async () => {
    const reply = await echo.run(client, ['key'], [bytes, 12]);
    expect(reply).toEqual([Buffer.from('key'), bytes, Buffer.from('12'), 7, null]);
  });

  it('is sent as text once, and by its digest from then on', async () => {
    await client.config('RESETSTAT');
    await echo.run(client, ['key'], ['a', 'b']);
    await echo.run(client, ['key'], ['a', 'b']);
    const stats = await client.info('commandstats');
    expect(/cmdstat_eval:calls=(\d+)/.exec(stats)?.[1]).toBe('1');
  });

  it('goes on after SCRIPT FLUSH, also for many at a time', async () => {
    await put.run(client, ['key'], ['before']);
    await client.script('FLUSH');
    const replies = Array.from({ length: 50 }, (_, i) => put.run(client, [`key-${i}`], [`${i}`]));
    expect(await Promise.all(replies)).toEqual(Array(50).fill(Buffer.from('OK')));
    expect(await client.get('key-49')).toBe('49');
  });

  it('shares round trips with other commands where the client pipelines by itself', async () => {
    await echo.run(client, ['key'], ['a', 'b']);
    const before = await readsOfServer();
    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        i % 2 ? echo.run(client, ['key'], ['a', 'b']) : client.getBuffer('key'),
      ),
    );
    const ownReads = 1;
    expect((await readsOfServer()) - before - ownReads).toBe(1);
  });

  it.each([true, false])(
    'has its keys prefixed where the client prefixes keys, pipelining by itself: %p',
    async (enableAutoPipelining) => {
      const prefixing = open({ enableAutoPipelining, keyPrefix: 'app:' });
      const reply = await echo.run(prefixing, ['key'], ['key', 'key']);
      const text = Buffer.from('key');
      expect(reply).toEqual([Buffer.from('app:key'), text, text, 7, null]);
    },
  );
});
