import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { RedisCacheMetrics, RedisCacheMetricsModule } from 'nestjs-redis-cache/metrics';
import { AppMetricsServer } from '../cli/support/app-metrics-server.js';
import { CONFIG, FRESH, MODULE } from '../cli/support/init-texts.js';
import { NestProjectFolders } from '../cli/support/nest-project.js';
import { runCommand, type Ended } from '../cli/support/run-command.js';
import { eventually } from '../integration/support/eventually.js';
import { CacheApps, ownPrefix, type CacheApp } from '../support/cache-apps.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { entriesInRedis } from './entries-in-redis.js';
import { blocksOf, read, sectionOf } from './markdown.js';

const document = read('docs/cli.md');
const APP = join(__dirname, '../cli/support/warmed-app.program.ts');
const PHONE = '+15551234567';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

/** What stands under a heading in one language. */
function shown(heading: string, language: string): string {
  const blocks = blocksOf(sectionOf(document, heading));
  return blocks
    .filter((block) => block.language === language)
    .map(({ code }) => code)
    .join('');
}

const linesShown = (heading: string) => shown(heading, 'sh').trimEnd().split('\n');

/** Types a line of the guide at a terminal, and says yes to what is asked. */
function type(line: string, env: Record<string, string>, cwd = process.cwd()): Promise<Ended> {
  const words = [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
  const args = words.slice(words.indexOf('redis-cache') + 1);
  return runCommand(args, {
    env: { NO_COLOR: '1', ...env },
    cwd,
    interactive: true,
    columns: 200,
    onWrite: (terminal) => {
      if (terminal.stderr.text.endsWith('[y/N] ')) terminal.type('y\n');
    },
  });
}

/** The same text with what differs from one time to the next left out, so that columns can be compared. */
function shapeOf(output: string): string {
  return output
    .replaceAll(/redis:\/\/\S+/g, 'URL')
    .replaceAll(/(Redis|Valkey) \d[\d.]*/g, 'SERVER')
    .replaceAll(/\b[0-9a-f]{16}\b/g, 'STAMP')
    .replaceAll(/\d[\d,.]*( (?:ms|s|min|h|d|B|kB|MB)\b)?/g, '#');
}

describe('the commands of docs/cli.md', () => {
  const apps = new CacheApps();
  const folders = new NestProjectFolders();
  let prefix: string;
  let app: CacheApp;
  let env: Record<string, string>;

  beforeEach(async () => {
    prefix = ownPrefix();
    env = { REDIS_URL: String(process.env.REDIS_URL), CACHE_PREFIX: prefix };
    app = await apps.boot({
      tier: 'redis',
      // Long in memory: only by being told can it be noticed.
      cache: { prefix, near: { ttl: '1h' }, defaults: { ttl: '5m' } },
      imports: [RedisCacheMetricsModule.forRoot()],
    });
  });

  const leadsOf = (tenant: string) => app.caches.forTenant(tenant).cache('lead.byPhone');

  it('init: makes the changes and the file that are shown', async () => {
    const manifest = JSON.stringify({ name: 'crm' });
    const project = await folders.create({ ...FRESH, 'package.json': manifest });
    const [line = ''] = linesShown('init');
    expect(await type(line, {}, project.path)).toMatchObject({ code: 0, stderr: '' });
    const files = await project.files();
    expect(files[CONFIG]).toBe(shown('init', 'ts'));
    const module = files[MODULE]?.split('\n') ?? [];
    const changes = [...shown('init', 'diff').matchAll(/^([+-])(.+)$/gm)];
    expect(changes.map(([, sign, text = '']) => [sign, module.includes(text)])).toEqual([
      ['+', true],
      ['+', true],
      ['-', false],
      ['+', true],
    ]);
    const second = await type(line, {}, project.path);
    expect(second.stdout).toContain('All is there');
  });

  it('stats: adds up what two processes count', async () => {
    await leadsOf('acme').wrap(PHONE, () => 'Ada');
    const metrics = new AppMetricsServer();
    await metrics.start();
    metrics.answer = await app.get(RedisCacheMetrics).registry.metrics();
    const [line = ''] = linesShown('stats');
    const { code, stdout } = await type(line.replaceAll(/http:\S+/g, metrics.url), env);
    await metrics.stop();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^entries +1 of 1 owner/m);
    expect(stdout).toMatch(/^cache +hits +near +far +stale +misses +loads +failed +mean load$/m);
    expect(stdout).toMatch(/^lead\.byPhone +0\.0 % +0 +0 +0 +2 +2 +0 /m);
  });

  it('inspect: says what is shown of an entry whose tag was evicted', async () => {
    await leadsOf('acme').set(PHONE, 'Ada', { tags: ['vip'] });
    await app.caches.forTenant('acme').evictTags(['vip']);
    const [line = ''] = linesShown('inspect');
    const { code, stdout } = await type(line, env);
    expect(code).toBe(0);
    expect(shapeOf(stdout.replace(prefix, 'crm'))).toBe(shapeOf(shown('inspect', 'text')));
  });

  it('clear: takes what each line says, and nothing else', async () => {
    const all = ['acme lead.byPhone', 'acme lead.byName', 'acme note', 'globex lead.byPhone'];
    const store = async () => {
      for (const name of all) {
        const [tenant = '', cache = ''] = name.split(' ');
        const tags = cache === 'lead.byName' ? ['vip'] : [];
        await app.caches.forTenant(tenant).cache(cache).set(PHONE, name, { tags });
      }
      await leadsOf('acme').set('+1666', 'kept by what names another key');
    };
    /** What the application is answered with still. */
    const held = async () => {
      const [byPhone, byName, note, other] = await Promise.all(
        all.map((name) => {
          const [tenant = '', cache = ''] = name.split(' ');
          return app.caches.forTenant(tenant).cache(cache).get(PHONE);
        }),
      );
      return { byPhone, byName, note, other, ofAnotherKey: await leadsOf('acme').get('+1666') };
    };
    await store();
    const whole = await held();
    const none = undefined;
    const ofAcme = { byPhone: none, byName: none, note: none, ofAnotherKey: none };
    const taken = [
      { byPhone: none },
      { byName: none },
      { byPhone: none, byName: none },
      { byPhone: none, ofAnotherKey: none },
      ofAcme,
      ofAcme,
      { ...ofAcme, other: none },
    ];
    const lines = linesShown('clear');
    expect(lines).toHaveLength(taken.length);
    for (const [index, line] of lines.entries()) {
      await store();
      const { code, stdout } = await type(line, env);
      expect([line, code, stdout]).toEqual([line, 0, expect.stringMatching(/^Cleared /)]);
      const left = { ...whole, ...taken[index] };
      await eventually(line, async () => isDeepStrictEqual(await held(), left));
      if (line.endsWith('--erase')) {
        expect(await entriesInRedis(prefix)).toEqual([`{globex/lead.byPhone@1/${PHONE}}`]);
      }
    }
  });

  it('warm: runs the warmers of an application', async () => {
    process.env.WARMED_REDIS_URL = env.REDIS_URL;
    process.env.WARMED_PREFIX = prefix;
    const [line = ''] = linesShown('warm');
    expect(line).toContain('dist/app.module#AppModule');
    const { code, stdout } = await type(line.replace(/\S+#\w+/, `${APP}#WarmedModule`), env);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^leads +warmed +3 +0 /m)]);
    expect(await entriesInRedis(prefix)).toHaveLength(3);
  });

  describeWithServer('with a server of its own', () => {
    it('health: says what is shown of a server that is well', async () => {
      const server = await RedisServerProcess.start({ args: ['--maxmemory', '64000000'] });
      const [line = ''] = linesShown('Command line');
      const { code, stdout } = await type(line.replace('redis://localhost:6379', server.url), {});
      await server.stop();
      expect(code).toBe(0);
      expect(shapeOf(stdout)).toBe(shapeOf(shown('health', 'text')));
    });
  });
});
