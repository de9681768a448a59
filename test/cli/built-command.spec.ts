import { join } from 'node:path';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import manifest from '../../libs/redis-cache/package.json';
import {
  BUILT,
  buildCommand,
  hasTerminal,
  runBuilt,
  ShellTerminal,
} from './support/built-command.js';

const BUILD_TIMEOUT_MS = 60_000;
/** Times the work of a Node that runs nothing, which takes 40 ms on a usual machine. */
const STARTS_WITHIN = 5;
const STARTS = 5;

/** Has a process say at its end how long it was at work. */
const TELL_CPU_MS =
  "data:text/javascript,process.on('exit', () => {" +
  'const { user, system } = process.cpuUsage(); console.error((user + system) / 1000) })';

/** Has a process say at its end which files it has loaded. */
const TELL_LOADED =
  "data:text/javascript,import m from 'node:module';" +
  "process.on('exit', () => console.error(Object.keys(m._cache).join('\\n')))";

const url = String(process.env.REDIS_URL);
const command = `${process.execPath} ${BUILT}`;
const describeInTerminal = hasTerminal() ? describe : describe.skip;

beforeAll(buildCommand, BUILD_TIMEOUT_MS);

describe('the command as it is built', () => {
  const apps = new CacheApps();

  it('starts at once', async () => {
    const nothingMs: number[] = [];
    const tookMs: number[] = [];
    while (tookMs.length < STARTS) {
      const nothing = ['--import', TELL_CPU_MS, '--eval', '0', '--'];
      nothingMs.push(Number((await runBuilt([], { node: nothing })).stderr));
      const { stderr } = await runBuilt(['--help'], { node: ['--import', TELL_CPU_MS] });
      tookMs.push(Number(stderr));
    }
    // It waits for nothing, so on a machine that does nothing else it takes no longer than its work.
    expect(Math.min(...tookMs) / Math.min(...nothingMs)).toBeLessThan(STARTS_WITHIN);
  });

  it.each([['--help'], ['--version'], ['clear', '--help']])(
    'loads neither Nest nor ioredis to answer %s',
    async (...args) => {
      const { stderr } = await runBuilt(args, { node: ['--import', TELL_LOADED] });
      const loaded = stderr.split('\n').filter((file) => file.includes('node_modules'));
      expect(loaded.length).toBeGreaterThan(0);
      expect(loaded.filter((file) => !file.includes('/commander/'))).toEqual([]);
    },
  );

  it('says which version it is', async () => {
    expect(await runBuilt(['--version'])).toEqual({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
  });

  it('speaks JSON, and nothing else, into a pipe', async () => {
    const prefix = ownPrefix();
    const { caches } = await apps.boot({ tier: 'redis', cache: { prefix } });
    await caches.forTenant('acme').set('k', 'v');
    const { code, stdout, stderr } = await runBuilt(['tenants', '--json'], {
      env: { REDIS_URL: url, CACHE_PREFIX: prefix },
    });
    expect({ code, stderr, body: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      stderr: '',
      body: {
        prefix,
        complete: true,
        lookedAt: expect.any(Number) as number,
        count: 1,
        entries: 1,
        tenants: [
          {
            scope: 'tenant',
            tenant: 'acme',
            segment: 'acme',
            entries: 1,
            bytes: expect.any(Number) as number,
          },
        ],
      },
    });
  });

  it('fits into a narrow terminal, without colours in a pipe', async () => {
    const prefix = ownPrefix();
    const { caches } = await apps.boot({ tier: 'redis', cache: { prefix } });
    await caches.forTenant('a-tenant-with-a-long-name').set('k', 'v');
    const env = { REDIS_URL: url, CACHE_PREFIX: prefix, COLUMNS: '40' };
    const { stdout } = await runBuilt(['tenants'], { env });
    expect(stdout).toMatch(/^tenant {2,}entries {2,}share {2,}size\na-tenant-wit.*… {2,}1/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(stdout).not.toContain('\x1b');
  });

  it('warms an application whose modules it is given', async () => {
    const prefix = ownPrefix();
    const app = join(__dirname, 'support/warmed-app.program.ts#WarmedModule');
    const ended = await runBuilt(['warm', '--app', app, '--json'], {
      node: ['--require', join(__dirname, '../support/typescript/register.cjs')],
      env: { WARMED_REDIS_URL: url, WARMED_PREFIX: prefix },
    });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toMatchObject({ warmers: [{ outcome: 'warmed', done: 3 }] });
    const { caches } = await apps.boot({ tier: 'redis', cache: { prefix } });
    expect(await caches.forTenant('acme').cache('lead').get('2')).toBe('2');
  });

  it('ends with what went wrong', async () => {
    expect(await runBuilt(['health', '--url', 'redis://127.0.0.1:1'])).toMatchObject({ code: 3 });
    expect(await runBuilt(['health', '--bogus'])).toMatchObject({ code: 2, stdout: '' });
    expect(await runBuilt(['clear', '--everything', '--url', url])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: There is no terminal to ask at. Say --yes to clear without being asked.\n',
    });
  });
});

describeInTerminal('the command in a terminal', () => {
  const apps = new CacheApps();

  it('draws what it watches, and leaves the terminal as it was on Ctrl-C', async () => {
    const line = `trap : INT; stty rows 20 cols 60; stty -g; ${command} monitor --url ${url} -i 100ms; echo "ended $?"; stty -g`;
    const terminal = new ShellTerminal(line);
    await terminal.shows('/s and ');
    terminal.type('\x03');
    const { stdout } = await terminal.ended();
    const [before = '', rest = ''] = stdout.split('\x1b[?1049h\x1b[?25l');
    const [drawn = '', after = ''] = rest.split('\x1b[?25h\x1b[?1049l');
    expect(drawn).toContain('\x1b[1m'); // in colours
    expect(after).toMatch(/ended 0\r\n/);
    expect(after.split('\r\n').at(-2)).toBe(before.split('\r\n').at(-2));
  });

  it.each([
    ['y', 0, undefined],
    ['n', 1, 'v'],
    ['\x03', 130, 'v'],
  ])('asks before it clears, and is answered %j', async (answer, code, left) => {
    const prefix = ownPrefix();
    const { caches } = await apps.boot({ tier: 'redis', cache: { prefix } });
    await caches.forTenant('acme').set('k', 'v');
    const line = `trap : INT; ${command} clear --url ${url} --prefix ${prefix} --tenant acme; echo "ended $?"`;
    const terminal = new ShellTerminal(line, { NO_COLOR: '1' });
    await terminal.shows('Clear it? [y/N]');
    terminal.type(answer === '\x03' ? answer : `${answer}\r`);
    const { stdout } = await terminal.ended();
    expect(stdout).toContain('This clears everything of tenant acme: 1 entry.');
    expect(stdout).toContain(`ended ${code}`);
    const other = await apps.boot({ tier: 'redis', cache: { prefix } });
    expect(await other.caches.forTenant('acme').get('k')).toBe(left);
  });
});
