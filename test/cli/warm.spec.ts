import { join } from 'node:path';
import { runCli } from '../../libs/redis-cache/src/cli/run-cli.js';
import { RawRedis } from '../integration/support/raw-redis.js';
import { ownPrefix } from '../support/cache-apps.js';
import { FakeTerminal } from './support/fake-terminal.js';
import { runCommand, runForJson } from './support/run-command.js';

const url = String(process.env.REDIS_URL);
const FILE = join(__dirname, 'support/warmed-app.program.ts');
const anyNumber = expect.any(Number) as number;

describe('redis-cache warm', () => {
  let raw: RawRedis;

  beforeEach(() => {
    // The application reads its settings from the environment, as it does without the command line.
    process.env.WARMED_REDIS_URL = url;
    process.env.WARMED_PREFIX = ownPrefix();
    raw = new RawRedis(url, process.env.WARMED_PREFIX);
  });
  afterEach(() => raw.close());

  const warm = (name: string, ...args: string[]) => ['warm', '--app', `${FILE}#${name}`, ...args];

  it('runs the warmers of an application, which Redis has the entries of then', async () => {
    expect(await runForJson(warm('WarmedModule'))).toEqual({
      code: 0,
      body: {
        app: `${FILE}#WarmedModule`,
        durationMs: anyNumber,
        warmers: [
          {
            warmer: 'leads',
            outcome: 'warmed',
            done: 3,
            failed: 0,
            error: null,
            durationMs: anyNumber,
          },
        ],
      },
    });
    expect(await raw.stored('acme', '2')).toBe('2');
  });

  it('shows on a terminal how far it has come, and what came of it', async () => {
    const terminal = new FakeTerminal({ interactive: true, columns: 100 });
    expect(await runCli(warm('SlowModule', '--no-color'), terminal, '1')).toBe(0);
    expect(terminal.stderr.text).toMatch(/\r\[#+-+\] \d+\/12 steps, 0 failed: slow/);
    expect(terminal.stdout.text).toMatch(/^slow {4}warmed +12 +0 {2}/m);
    expect(terminal.listeners).toBe(0);
  });

  it('tells of steps that failed', async () => {
    const args = warm('PartlyWarmedModule', '--only', 'broken', '--only', 'leads');
    const { code, stdout } = await runCommand(args);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^leads {3}warmed +3 +0 /m);
    expect(stdout).toMatch(/^broken {2}warmed +1 +1 /m);
    expect(stdout).toContain('broken: no such lead\n');
  });

  it('ends early when it is interrupted, and closes the application', async () => {
    const terminal = new FakeTerminal({
      interactive: true,
      onWrite: (shown) => {
        if (shown.stderr.text.includes('steps')) shown.interrupt();
      },
    });
    expect(await runCli(warm('PartlyWarmedModule', '--only', 'endless'), terminal, '1')).toBe(1);
    expect(terminal.stdout.text).toContain('stopped');
  });

  it('warms nothing while Redis is away', async () => {
    process.env.WARMED_REDIS_URL = 'redis://127.0.0.1:1';
    const { code, stdout, stderr } = await runCommand(warm('WarmedModule', '--json'));
    expect({ code, body: JSON.parse(stdout) as unknown }).toMatchObject({
      code: 3,
      body: { warmers: [{ outcome: 'away', done: 0 }] },
    });
    expect(stderr).toMatch(/^Redis is away \(/); // what the application logs
  });

  it.each([
    [['warm'], `error: required option '--app <module>' not specified`],
    [['warm', '--app', 'no/such/file'], 'and there is no such file. Name a compiled module'],
    [
      ['warm', '--app', FILE],
      'which exports the classes ColdModule, FailingModule, PartlyWarmedModule, SlowModule,',
    ],
    [warm('NoModule'), 'there is no class NoModule in it; it exports the classes'],
    [warm('WithoutCacheModule'), 'which does not import RedisCacheModule.'],
    [warm('ColdModule'), 'which has no warmers. Provide a class with @CacheWarmer().'],
    [warm('WarmedModule', '--only', 'other'), `'other'; expected one of leads`],
  ])('%j is told what to write instead', async (args, message) => {
    const { code, stdout, stderr } = await runCommand(args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('says why an application does not start, without its secrets', async () => {
    const { code, stdout, stderr } = await runCommand(warm('FailingModule'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error: The application of --app does not start: ');
    expect(stderr.split('error: ').at(-1)).not.toContain('pa55');
  });
});
