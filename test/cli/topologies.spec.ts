import { CacheService } from 'nestjs-redis-cache';
import { bootCacheApp, inMode } from '../integration/support/cache-app.js';
import { eventually } from '../integration/support/eventually.js';
import { RedisClusterProcesses } from '../support/redis/redis-cluster.js';
import { RedisSentinelProcesses } from '../support/redis/redis-sentinel.js';
import { hasRedisBinary } from '../support/redis/redis-server.js';
import { runForJson } from './support/run-command.js';

const suite = hasRedisBinary() ? describe : describe.skip;
const START_TIMEOUT_MS = 60_000;
const TENANTS = ['a', 'b', 'c', 'd', 'e', 'f'];

suite.each<
  [string, () => Promise<{ flags: string[]; connection: object; stop: () => Promise<void> }>]
>([
  [
    'a cluster',
    async () => {
      const cluster = await RedisClusterProcesses.start();
      return {
        flags: ['--cluster', '--url', String(cluster.masters[0]?.url)],
        connection: { cluster: cluster.nodes },
        stop: () => cluster.stop(),
      };
    },
  ],
  [
    'sentinels',
    async () => {
      const group = await RedisSentinelProcesses.start();
      const { sentinels, name } = group.connection;
      return {
        flags: [
          ...sentinels.flatMap(({ host, port }) => ['--sentinel', `${host}:${port}`]),
          '--sentinel-name',
          name,
        ],
        connection: group.connection,
        stop: () => group.stop(),
      };
    },
  ],
])('the command line, with %s', (kind, start) => {
  let started: Awaited<ReturnType<typeof start>>;
  let caches: CacheService;
  let close: () => Promise<void>;

  beforeAll(async () => {
    started = await start();
    const app = await bootCacheApp({
      connection: started.connection as never,
      prefix: 'crm',
      near: { ttl: '1h' },
      timeouts: { command: '2s' },
    });
    caches = app.get(CacheService);
    close = () => app.close();
    await inMode(caches, 'redis');
    for (const tenant of TENANTS) await caches.forTenant(tenant).set('k', 'v', { tags: ['t'] });
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await close();
    await started.stop();
  });

  const run = (...args: string[]) => runForJson([...args, ...started.flags, '--prefix', 'crm']);
  const masters = kind === 'a cluster' ? 3 : 1;

  it('finds it well, by all its masters', async () => {
    expect(await run('health')).toMatchObject({
      code: 0,
      body: { status: 'ok', figures: { servers: masters } },
    });
  });

  it('counts what all masters have', async () => {
    const { body } = await run('tenants');
    expect(body).toMatchObject({ complete: true, count: 6, entries: 6 });
    expect(await run('stats')).toMatchObject({
      code: 0,
      body: { keyspace: { entries: 6, tenants: 6, caches: [{ cache: 'default', entries: 6 }] } },
    });
  });

  it('explains and clears entries, which running applications notice', async () => {
    const entry = ['--tenant', 'a', '--cache', 'default', '--key', 'k'];
    expect(await run('inspect', ...entry)).toMatchObject({ body: { outlook: { kind: 'hit' } } });
    expect(await run('clear', ...entry, '--yes')).toMatchObject({ code: 0, body: { deleted: 1 } });
    expect(await run('clear', '--tenant', 'b', '--tag', 't', '--yes')).toMatchObject({
      code: 0,
      body: { found: { entries: 1 } },
    });
    expect(await run('clear', '--tenant', 'c', '--pattern', '*', '--yes')).toMatchObject({
      code: 0,
      body: { deleted: 1 },
    });
    expect(await run('clear', '--tenant', 'd', '--erase', '--yes')).toMatchObject({ code: 0 });
    const held = async () => {
      const values = await Promise.all(TENANTS.map((tenant) => caches.forTenant(tenant).get('k')));
      return TENANTS.filter((_, i) => values[i] !== undefined);
    };
    await eventually('the application was told', async () => (await held()).length === 2);
    expect(await held()).toEqual(['e', 'f']);
  });

  it('checks it', async () => {
    const { code, body } = await run('validate');
    const { findings } = body as { findings: { check: string; severity: string; found: string }[] };
    expect(code).toBe(5); // no limit of memory
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const topology = findings.filter(({ check }) => check === 'topology');
    expect(topology).toEqual([
      kind === 'a cluster'
        ? expect.objectContaining({
            severity: 'warning',
            found: '3 of 3 masters without a replica: nothing takes over when it fails',
          })
        : { check: 'topology', severity: 'ok', found: '1 master, with 2 replicas in step' },
    ]);
    const bus = findings.filter(({ check }) => check === 'bus').map(({ found }) => found);
    const sharded = expect.stringMatching(/^sharded: within/) as string;
    expect(bus).toEqual([
      expect.stringMatching(/^messages arrive within/),
      ...(kind === 'a cluster' ? [sharded] : []),
      "coherence: 'tracking' is possible",
    ]);
  });
});
