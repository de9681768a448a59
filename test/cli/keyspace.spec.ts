import { CODEC_IDS } from '../../libs/redis-cache/src/codec/codec-ids.js';
import { CacheApps, ownPrefix, type CacheApp } from '../support/cache-apps.js';
import { RawRedis } from '../integration/support/raw-redis.js';
import { runCommand, runForJson } from './support/run-command.js';

const url = String(process.env.REDIS_URL);
const anyNumber = expect.any(Number) as number;

class Lead {
  constructor(readonly name: string) {}
}

describe('what the command line finds in Redis', () => {
  const apps = new CacheApps();
  let prefix: string;
  let app: CacheApp;
  let raw: RawRedis;

  beforeEach(async () => {
    prefix = ownPrefix();
    const caches = {
      lead: { ttl: '1h', type: () => Lead },
      settings: { ttl: '1h', scope: 'global', version: 3, grace: '1h' },
    } as const;
    app = await apps.boot({ tier: 'redis', cache: { prefix, caches } });
    raw = new RawRedis(url, prefix);
    const acme = app.caches.forTenant('acme').cache('lead');
    await acme.set('+1555', { name: 'Ada' }, { tags: ['vip'] });
    await acme.set('+1556', new Map([['since', new Date(0)]]));
    await acme.set('+1557', new Lead('Alan'));
    await app.caches.forTenant('evil\x1b[2J:{*}/').cache('lead').set('k', 'v');
    await app.caches.cache('settings').set('theme', 'dark');
  });
  afterEach(async () => {
    await raw.close();
  });

  const at = (...args: string[]) => [...args, '--url', url, '--prefix', prefix];

  it('lists tenants by their entries, without what a terminal takes for a command', async () => {
    const { code, body } = await runForJson(at('tenants'));
    expect({ code, body }).toEqual({
      code: 0,
      body: {
        prefix,
        complete: true,
        lookedAt: anyNumber,
        count: 3,
        entries: 5,
        tenants: [
          { scope: 'tenant', tenant: 'acme', segment: 'acme', entries: 3, bytes: anyNumber },
          {
            scope: 'tenant',
            tenant: 'evil\x1b[2J:{*}/',
            segment: 'evil%1B%5B2J%3A%7B%2A%7D%2F',
            entries: 1,
            bytes: anyNumber,
          },
          { scope: 'global', tenant: null, segment: '', entries: 1, bytes: anyNumber },
        ].sort(bySegmentOf(body)),
      },
    });
    const shown = await runCommand(at('tenants', '--top', '1'), { interactive: true });
    expect(shown.stdout).toMatch(
      /acme {2,}3 {2}60\.0 % {2}[\d.]+ k?B\nand 2 more; --top shows them\n/,
    );
    const all = await runCommand(at('tenants'));
    expect(all.stdout).toContain('evil\\u{1b}[2J:{*}/');
    expect(all.stdout).toContain('(global)');
    expect(all.stdout).not.toContain('\x1b');
  });

  it('stops where it was told to, and says so', async () => {
    const others = Array.from({ length: 1_500 }, (_, i) => [`${prefix}:other:${i}`, 'v']);
    await raw.client.mset(Object.fromEntries(others));
    const { body } = await runForJson(at('tenants', '--max-keys', '1'));
    expect(body).toMatchObject({ complete: false, lookedAt: 500 });
    const { stdout } = await runCommand(at('stats', '--max-keys', '501'));
    expect(stdout).toContain('Only about 1,000 keys were looked at; --max-keys 0 looks at all.\n');
    expect((await runForJson(at('tenants', '--max-keys', '0'))).body).toMatchObject({
      complete: true,
      count: 3,
    });
    await raw.client.unlink(others.map(([key]) => String(key)));
  });

  it('says that there is nothing under a prefix', async () => {
    const { code, stdout } = await runCommand(['tenants', '--url', url, '--prefix', `${prefix}-x`]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `No entries under the prefix ${prefix}-x.\n`,
    });
  });

  it('counts entries of each cache, and what else the cache keeps', async () => {
    await raw.client.set(raw.keys.lease(raw.entryKey('acme', 'loading')), 'token', 'PX', 60_000);
    const { code, body } = await runForJson(at('stats'));
    expect({ code, body }).toEqual({
      code: 0,
      body: {
        redis: expect.stringMatching(/^redis:\/\/127\.0\.0\.1:\d+/) as string,
        prefix,
        figures: expect.objectContaining({ servers: 1, keyspaceHits: anyNumber }) as object,
        keyspace: {
          entries: 5,
          bytes: anyNumber,
          complete: true,
          lookedAt: anyNumber,
          leases: 1,
          stamps: anyNumber,
          tenants: 3,
          caches: [
            { cache: 'lead', version: 1, entries: 4, bytes: anyNumber },
            { cache: 'settings', version: 3, entries: 1, bytes: anyNumber },
          ],
        },
        applications: null,
      },
    });
    const { stdout } = await runCommand(at('stats'));
    expect(stdout).toContain('only applications know: --from http://host/metrics reads it.');
  });

  it('says of an entry what a read would make of it, and nothing of its value', async () => {
    const { code, body } = await runForJson(
      at('inspect', '--tenant', 'acme', '--cache', 'lead', '--key', '+1555'),
    );
    const stamp = (level: string, tag?: string) => ({
      level,
      ...(tag !== undefined && { tag }),
      entry: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      current: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      holds: true,
    });
    expect({ code, body }).toEqual({
      code: 0,
      body: {
        entry: {
          tenant: 'acme',
          cache: 'lead',
          version: 1,
          key: '+1555',
          redisKey: `${prefix}:{acme/lead@1/+1555}`,
        },
        versionsInUse: [1],
        outlook: { kind: 'hit', tier: 'far', refreshes: false },
        far: {
          kind: 'entry',
          state: 'fresh',
          ageMs: anyNumber,
          ttlLeftMs: anyNumber,
          graceLeftMs: 0,
          refreshDue: false,
          bytes: anyNumber,
          compressed: false,
          codec: { id: CODEC_IDS.json, name: 'json' },
          stamps: [stamp('all'), stamp('tenant'), stamp('cache'), stamp('tag', 'vip')],
        },
        lease: null,
      },
    });
    const { stdout } = await runCommand(
      at('inspect', '--redis-key', `${prefix}:{acme/lead@1/+1555}`),
    );
    expect(stdout).toMatch(/^a read now {2,}hit\n/);
    expect(stdout).toMatch(/tag vip {2,}holds/);
    expect(stdout).not.toContain('Ada');
  });

  it.each([
    ['+1555', { shownAs: 'json', json: { name: 'Ada' } }, '"name": "Ada"'],
    [
      '+1556',
      { shownAs: 'text', text: "Map(1) { 'since' => 1970-01-01T00:00:00.000Z }" },
      "'since' => 1970",
    ],
    ['+1557', { shownAs: 'json', json: { '@': 'Lead', '=': { name: 'Alan' } } }, '"@": "Lead"'],
  ])('shows the value of %s where it is asked for', async (key, value, shown) => {
    const args = at('inspect', '--tenant', 'acme', '--cache', 'lead', '--key', key, '--value');
    expect((await runForJson(args)).body).toMatchObject({ value });
    expect((await runCommand(args)).stdout).toContain(shown);
  });

  it('finds the version that is in use, and the key of arguments', async () => {
    await app.caches.cache('settings').set(['theme', 10], 'light');
    const args = at('inspect', '--global', '--cache', 'settings', '--args', '["theme", 10]');
    expect((await runForJson(args)).body).toMatchObject({
      entry: { tenant: null, version: 3, key: 'theme;:10' },
      versionsInUse: [3],
      outlook: { kind: 'hit' },
      far: { graceLeftMs: anyNumber },
    });
    expect((await runForJson([...args, '--cache-version', '2'])).body).toMatchObject({
      entry: { version: 2 },
      outlook: { kind: 'miss', reason: 'absent', then: 'load' },
    });
  });

  it.each<[string, () => Promise<unknown>, object, string]>([
    [
      'a tag that was evicted',
      () => app.caches.forTenant('acme').evictTags(['vip']),
      { outlook: { kind: 'miss', reason: 'outdated', then: 'load' } },
      'miss: evicted since it was stored, by one of its stamps; loads it',
    ],
    [
      'an entry that is gone and being loaded',
      async () => {
        await raw.client.del(raw.entryKey('acme', '+1555'));
        await raw.client.set(raw.keys.lease(raw.entryKey('acme', '+1555')), 't', 'PX', 60_000);
      },
      { outlook: { kind: 'miss', reason: 'absent', then: 'wait' }, lease: { leftMs: anyNumber } },
      'miss: Redis has no such entry; waits for who loads it',
    ],
    [
      'bytes that are no entry',
      () => raw.client.set(raw.entryKey('acme', '+1555'), 'garbage'),
      { outlook: { kind: 'miss', reason: 'undecodable', then: 'load' }, far: { bytes: 7 } },
      'miss: what is stored cannot be read; loads it',
    ],
    [
      'an entry of a later version',
      () => raw.client.set(raw.entryKey('acme', '+1555'), '\x01rc9'),
      { outlook: { kind: 'miss', reason: 'newer', then: 'load' }, far: { formatVersion: 9 } },
      'miss: written by a later version of the library; loads it',
    ],
    [
      'something else under its key',
      async () => {
        await raw.client.del(raw.entryKey('acme', '+1555'));
        await raw.client.lpush(raw.entryKey('acme', '+1555'), 'x');
      },
      { outlook: { kind: 'miss', reason: 'refused', then: 'load' } },
      'miss: Redis refused to tell; loads it',
    ],
  ])('explains %s', async (_what, prepare, body, shown) => {
    await prepare();
    const args = at('inspect', '--tenant', 'acme', '--cache', 'lead', '--key', '+1555');
    expect((await runForJson(args)).body).toMatchObject(body);
    expect((await runCommand(args)).stdout).toContain(shown);
  });
});

/** Owners with as many entries as others come in any order. */
function bySegmentOf(body: unknown): (a: { segment: string }, b: { segment: string }) => number {
  const order = (body as { tenants: { segment: string }[] }).tenants.map(({ segment }) => segment);
  return (a, b) => order.indexOf(a.segment) - order.indexOf(b.segment);
}
