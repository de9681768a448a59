import { CacheApps, ownPrefix, type CacheApp } from '../support/cache-apps.js';
import { RawRedis } from '../integration/support/raw-redis.js';
import { eventually } from '../integration/support/eventually.js';
import { runCommand, runForJson } from './support/run-command.js';

const url = String(process.env.REDIS_URL);

describe('redis-cache clear', () => {
  const apps = new CacheApps();
  let prefix: string;
  let app: CacheApp;
  let raw: RawRedis;

  beforeEach(async () => {
    prefix = ownPrefix();
    // Long in memory: only by being told can it be noticed.
    app = await apps.boot({
      tier: 'redis',
      cache: {
        prefix,
        near: { ttl: '1h' },
        defaults: { ttl: '1h' },
        caches: { site: { scope: 'global' } },
      },
    });
    raw = new RawRedis(url, prefix);
    for (const tenant of ['acme', 'other']) {
      const lead = app.caches.forTenant(tenant).cache('lead');
      await lead.set('1', 'one', { tags: ['vip'] });
      await lead.set('2', 'two');
      await app.caches
        .forTenant(tenant)
        .cache('note')
        .set('1', 'text', { tags: ['vip'] });
    }
    await app.caches.cache('site').set('theme', 'dark');
    expect(await held()).toEqual(ALL);
  });
  afterEach(async () => {
    await raw.close();
  });

  const ALL = [
    'acme lead 1',
    'acme lead 2',
    'acme note 1',
    'other lead 1',
    'other lead 2',
    'other note 1',
    'site theme',
  ];

  /** What the running application still answers without a load. */
  async function held(): Promise<string[]> {
    const found = await Promise.all(
      ALL.map(async (name) => {
        const [tenant = '', cache = '', key = ''] = name.split(' ');
        const value = await (name === 'site theme'
          ? app.caches.cache('site').get('theme')
          : app.caches.forTenant(tenant).cache(cache).get(key));
        return value === undefined ? [] : [name];
      }),
    );
    return found.flat();
  }

  const clear = (...args: string[]) => ['clear', '--url', url, '--prefix', prefix, ...args];

  it.each<[string, string[], string]>([
    ['an entry', ['--tenant', 'acme', '--cache', 'lead', '--key', '1'], '{acme/lead@1/1}'],
    ['a tag', ['--tenant', 'acme', '--tag', 'vip'], '{acme/#vip}:stamp'],
    ['a pattern', ['--tenant', 'acme', '--pattern', 'lead'], '{acme}:stamp'],
  ])(
    'has a persistent store take that %s is cleared, by those who reach it',
    async (_, what, name) => {
      await runForJson(clear(...what, '--yes'));
      expect(await raw.client.get(`${prefix}:{}:owed`)).toContain(`\n${prefix}:${name}\n`);
    },
  );

  it.each<[string, string[], object, string[]]>([
    [
      'an entry',
      ['--tenant', 'acme', '--cache', 'lead', '--key', '1'],
      { kind: 'entry', found: { entries: 1, complete: true }, deleted: 1 },
      ['acme lead 1'],
    ],
    [
      'a tag',
      ['--tenant', 'acme', '--tag', 'vip'],
      { kind: 'tag', found: { entries: 2, complete: true }, deleted: null },
      ['acme lead 1', 'acme note 1'],
    ],
    [
      'a pattern',
      ['--tenant', 'acme', '--pattern', '*/1'],
      { kind: 'pattern', found: { entries: 2, complete: true }, deleted: 2 },
      ['acme lead 1', 'acme note 1'],
    ],
    [
      'a cache',
      ['--tenant', 'acme', '--cache', 'lead'],
      { kind: 'cache', found: { entries: 2, complete: true }, deleted: null },
      ['acme lead 1', 'acme lead 2'],
    ],
    [
      'a tenant',
      ['--tenant', 'acme'],
      { kind: 'tenant', found: { entries: 3, complete: true }, deleted: null },
      ['acme lead 1', 'acme lead 2', 'acme note 1'],
    ],
    [
      'the global scope',
      ['--global'],
      { kind: 'tenant', found: { entries: 1, complete: true }, deleted: null },
      ['site theme'],
    ],
    [
      'everything',
      ['--everything'],
      { kind: 'everything', found: { entries: 7, complete: true }, deleted: null },
      ALL,
    ],
  ])(
    'clears %s of what a running application holds, and nothing else',
    async (_what, args, body, gone) => {
      const ended = await runForJson(clear(...args, '--yes'));
      expect(ended).toEqual({ code: 0, body: { ...body, what: expect.any(String) as string } });
      const left = ALL.filter((name) => !gone.includes(name));
      await eventually(
        'the application was told',
        async () => (await held()).length === left.length,
      );
      expect(await held()).toEqual(left);
    },
  );

  it('erases every key of a tenant', async () => {
    const { code, body } = await runForJson(clear('--tenant', 'acme', '--erase', '--yes'));
    const { deleted } = body as { deleted: number };
    expect(code).toBe(0);
    expect(deleted).toBeGreaterThan(3); // stamps, too
    expect((await raw.scan()).filter((key) => key.includes('{acme'))).toEqual([]);
    await eventually('the application was told', async () => (await held()).length === 4);
  });

  it('clears an entry in every version of its cache that is in use', async () => {
    const newer = await apps.boot({
      tier: 'redis',
      cache: { prefix, caches: { lead: { version: 2 } } },
    });
    const lead = newer.caches.forTenant('acme').cache('lead');
    await lead.set('1', 'uno');
    const { body } = await runForJson(
      clear('--tenant', 'acme', '--cache', 'lead', '--key', '1', '--yes'),
    );
    expect(body).toMatchObject({ found: { entries: 2 }, deleted: 2 });
    expect(await lead.get('1')).toBeUndefined();
  });

  it('counts what has a tag, also where there are too many tags for the first bytes', async () => {
    const tags = Array.from({ length: 60 }, (_, i) => `tag-number-${i}-of-many`);
    await app.caches.forTenant('acme').cache('lead').set('tagged', 'v', { tags });
    const { body } = await runForJson(
      clear('--tenant', 'acme', '--tag', 'tag-number-59-of-many', '--yes'),
    );
    expect(body).toMatchObject({ found: { entries: 1, complete: true } });
  });

  it('says how many there are at least where it stopped to count', async () => {
    const others = Array.from({ length: 1_500 }, (_, i) => [`${prefix}:other:${i}`, 'v']);
    await raw.client.mset(Object.fromEntries(others));
    const { stdout } = await runCommand(clear('--tenant', 'acme', '--max-keys', '1', '--yes'));
    await raw.client.unlink(others.map(([key]) => String(key)));
    expect(stdout).toMatch(
      /^Cleared everything of tenant acme: \d entr(?:y|ies) or more, which are not served any more and leave Redis by their ttl\.\n$/,
    );
  });

  it.each([
    ['y\n', 0, ''],
    ['yes\n', 0, ''],
    ['n\n', 1, 'Nothing was cleared.'],
    ['\n', 1, 'Nothing was cleared.'],
    ['yesterday\n', 1, 'Nothing was cleared.'],
    [undefined, 1, 'Nothing was cleared.'],
  ])('asks at a terminal, and is answered %j', async (answer, code, said) => {
    const ended = await runCommand(clear('--tenant', 'acme', '--cache', 'lead', '--no-color'), {
      interactive: true,
      columns: 200,
      onWrite: (terminal) => {
        if (!terminal.stderr.text.endsWith('[y/N] ')) return;
        if (answer === undefined) terminal.stdin.end();
        else terminal.type(answer);
      },
    });
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(
      'This clears the cache lead of tenant acme: 2 entries.\nClear it? [y/N] ',
    );
    expect(ended.stderr).toContain(said);
    expect((await held()).includes('acme lead 1')).toBe(code !== 0);
  });

  it('refuses to clear without being asked where nobody can answer', async () => {
    expect(await runCommand(clear('--tenant', 'acme'))).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: There is no terminal to ask at. Say --yes to clear without being asked.\n',
    });
    expect(await held()).toEqual(ALL);
  });
});
