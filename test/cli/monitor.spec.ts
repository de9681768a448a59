import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisCacheMetrics, RedisCacheMetricsModule } from 'nestjs-redis-cache/metrics';
import { runCli } from '../../libs/redis-cache/src/cli/run-cli.js';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { AppMetricsServer } from './support/app-metrics-server.js';
import { FakeTerminal } from './support/fake-terminal.js';
import { runCommand, runForJson } from './support/run-command.js';

const url = String(process.env.REDIS_URL);
const anyNumber = expect.any(Number) as number;
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const describeWithServer = hasRedisBinary() ? describe : describe.skip;

interface Line {
  redis: string;
  at: string;
  problem: string | null;
  rates: {
    redis: Record<string, number> | null;
    caches: { cache: string; calls: number; hitRate: number | null; loads: number }[];
  } | null;
}

describe('redis-cache monitor', () => {
  const apps = new CacheApps();
  const metrics = new AppMetricsServer();
  beforeAll(() => metrics.start());
  afterAll(() => metrics.stop());

  /** An application whose caches are used, and that serves what it counts. */
  async function bootApp() {
    const app = await apps.boot({
      tier: 'redis',
      cache: { prefix: ownPrefix() },
      imports: [RedisCacheMetricsModule.forRoot()],
    });
    const lead = app.caches.forTenant('acme').cache('lead');
    const serve = async () => {
      metrics.answer = await app.get(RedisCacheMetrics).registry.metrics();
    };
    await lead.wrap('k', () => 'v');
    await serve();
    return { lead, serve };
  }

  it('tells programs one line for each look, with what has changed since the last', async () => {
    const { lead, serve } = await bootApp();
    const linesOf = ({ stdout }: FakeTerminal) =>
      stdout.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
    const wasUsed = ({ rates }: Line) => rates?.caches[0]?.hitRate != null;
    const use = async () => {
      for (let i = 0; i < 3; i += 1) await lead.wrap('k', () => 'v');
      await lead.wrap('other', () => 'v');
      await serve();
    };
    const terminal = new FakeTerminal({
      onWrite: (shown) => {
        const lines = linesOf(shown);
        if (lines.length === 1) void use();
        if (lines.some(wasUsed)) shown.interrupt();
      },
    });
    const args = ['monitor', '--url', url, '--from', metrics.url, '-i', '100ms', '--json'];
    expect(await runCli(args, terminal, '1')).toBe(0);
    const lines = linesOf(terminal);
    expect(lines[0]).toEqual({
      redis: expect.stringMatching(/^redis:\/\//) as string,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      atMs: anyNumber,
      figures: expect.objectContaining({ servers: 1 }) as object,
      latency: { samples: 5, p50Ms: anyNumber, p99Ms: anyNumber, maxMs: anyNumber },
      applications: {
        processes: [{ from: metrics.url, state: 'ready', trusted: expect.any(Boolean) as boolean }],
        caches: [expect.objectContaining({ cache: 'lead', misses: 1, loads: 1 }) as object],
      },
      rates: null,
      problem: null,
    });
    const { caches = [], redis } = lines.find(wasUsed)?.rates ?? {};
    expect(redis?.commands).toBeGreaterThan(0);
    expect(caches).toEqual([
      {
        cache: 'lead',
        calls: anyNumber,
        hitRate: 0.75,
        near: anyNumber,
        far: 0,
        misses: anyNumber,
        loads: anyNumber,
        loadErrors: 0,
        meanLoadMs: anyNumber,
      },
    ]);
    expect(caches[0]?.calls).toBeCloseTo(4 * (caches[0]?.loads ?? 0));
    expect(terminal.listeners).toBe(0);
  });

  it('draws over itself on a terminal, fits into it, and leaves it as it was', async () => {
    await bootApp();
    let resized = '';
    const terminal = new FakeTerminal({
      interactive: true,
      columns: 40,
      rows: 9,
      onWrite: ({ stdout, listeners }) => {
        const drawn = stdout.text.split('\x1b[H').length - 1;
        if (drawn === 2 && resized === '' && listeners > 1) {
          resized = stdout.text;
          stdout.resize(120, 30);
        }
        if (drawn === 3) terminal.interrupt();
      },
    });
    const args = ['monitor', '--url', url, '--from', metrics.url, '--interval', '100ms'];
    expect(await runCli(args, terminal, '1')).toBe(0);
    const { text } = terminal.stdout;
    expect(text.startsWith(ENTER)).toBe(true);
    expect(text.endsWith(LEAVE)).toBe(true);
    expect(text.split(ENTER)).toHaveLength(2);
    const [, first = '', , wide = ''] = text.split('\x1b[H');
    const lines = first.split('\r\n');
    expect(lines).toHaveLength(9);
    expect(Math.max(...lines.map((line) => shown(line).length))).toBeLessThanOrEqual(40);
    expect(shown(wide)).toContain('mean load');
    expect(terminal.listeners).toBe(0);
  });

  it('prints one look below the other into a pipe, without any escape', async () => {
    const { code, stdout } = await runCommand(['monitor', '--url', url, '-i', '100ms', '-n', '2']);
    expect(code).toBe(0);
    expect(stdout.match(/^redis:\/\/.* UTC, every 100 ms$/gm)).toHaveLength(2);
    expect(stdout).toContain('commands  –\n');
    expect(stdout).toMatch(/commands {2}[\d.,]+\/s\n/);
    expect(stdout).toContain('--from http://host/metrics reads it.');
    expect(stdout).not.toContain('\x1b');
  });

  it('sends the headers of a file, and shows what is wrong with an address', async () => {
    await bootApp();
    const folder = await mkdtemp(join(tmpdir(), 'cli-'));
    const file = join(folder, 'headers');
    await writeFile(file, 'Authorization: Bearer t0ken\n\nX-Other: b\n');
    const args = ['stats', '--url', url, '--from', metrics.url, '--from-header', file];
    const { body } = await runForJson(args);
    await rm(folder, { recursive: true });
    expect(metrics.headers).toMatchObject({ authorization: 'Bearer t0ken', 'x-other': 'b' });
    expect(body).toMatchObject({
      applications: {
        processes: [{ from: metrics.url, state: 'ready' }],
        caches: [{ cache: 'lead', nearHits: 0, misses: 1, loads: 1, loadErrors: 0, hitRate: 0 }],
      },
    });
    const plain = ['stats', '--url', url, '--from', metrics.url];
    expect((await runCommand(plain)).stdout).toMatch(
      /lead {2,}0\.0 % {2,}0 {2,}0 {2,}0 {2,}1 {2,}1/,
    );
    metrics.answer = 401;
    expect(await runCommand(plain)).toEqual({
      code: 3,
      stdout: '',
      stderr: `error: ${metrics.url} cannot be reached: it answers 401 Unauthorized\n`,
    });
    metrics.answer = 'up 1\n';
    const { code, stderr } = await runCommand(plain);
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain('what answers there has no metrics of the cache.');
  });

  describeWithServer('with a server that goes away', () => {
    it('says so, and goes on', async () => {
      const server = await RedisServerProcess.start();
      const terminal = new FakeTerminal({
        onWrite: ({ stdout }) => {
          const lines = stdout.text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Line);
          if (lines.length === 1) void server.stop();
          const last = lines.at(-1);
          const wasAway = lines.some(({ problem }) => problem !== null);
          if (last?.problem != null && !server.isRunning) void server.restart();
          if (wasAway && last?.problem === null) terminal.interrupt();
        },
      });
      const code = await runCli(
        ['monitor', '--url', server.url, '--interval', '100ms', '--json'],
        terminal,
        '1',
      );
      await server.stop();
      expect(code).toBe(0);
      expect(terminal.stdout.text).toMatch(/"problem":"Redis is away: [^"]+"/);
    });
  });
});

/** What of it takes room. */
function shown(text: string): string {
  return text.replaceAll(/\p{Cc}\[[\d;?]*[A-Za-z]/gu, '');
}
