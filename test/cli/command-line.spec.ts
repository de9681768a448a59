import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { runCommand } from './support/run-command.js';

const SECRET = 'pa55-w0rd';
/** A port that nobody listens on. */
const NOBODY = `redis://127.0.0.1:1`;

describe('a command line that cannot be used as given', () => {
  it.each([
    [['bogus'], `error: unknown command 'bogus'`],
    [['health', '--bogus'], `error: unknown option '--bogus'`],
    [['health', 'too-much'], 'error: too many arguments'],
    [['stats', '--from'], `error: option '--from <url>' argument missing`],
    [['health', '--url', 'localhost'], `error: --url is 'localhost'; expected a URL such as`],
    [['health', '--url', 'redis://a,redis://b'], 'error: --url names 2 servers;'],
    [['health', '--cluster', '--sentinel', 'a:1'], 'error: --cluster and --sentinel exclude'],
    [['health', '--sentinel', 'a:b:c'], `error: --sentinel is 'a:b:c'; expected host:port`],
    [['health', '--timeout', 'soon'], `error: --timeout is 'soon'; expected milliseconds`],
    [['health', '--timeout', '0'], `error: --timeout is '0'; expected a time above 0`],
    [['health', '--prefix', 'a b'], `error: Option prefix is 'a b'; expected 1 to 64 letters`],
    [['health', '--tls-ca', '/no/such/file'], 'ENOENT'],
    [['health', '--tls-cert', __filename], 'error: --tls-cert and --tls-key belong together.'],
    [['tenants', '--top', '0'], `error: --top is '0'; expected a whole number from 1 up.`],
    [['stats', '--max-keys', '-1'], `error: --max-keys is '-1'; expected a whole number from 0`],
    [['stats', '--from', 'ftp://h'], `error: --from is 'ftp://h'; expected a URL such as`],
    [['stats', '--from', 'http://h', '--from-header', '/no'], 'ENOENT'],
    [
      ['stats', '--from', 'http://h', '--from-header', __filename],
      'error: Line 1 of --from-header',
    ],
    [['monitor', '--interval', '5'], `error: --interval is '5'; expected 100ms or more.`],
  ])('%j is told what to write instead', async (args, message) => {
    const { code, stdout, stderr } = await runCommand(args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it.each([
    [['inspect'], 'Whose entries?'],
    [['inspect', '--tenant', ''], '--tenant is empty.'],
    [['inspect', '--tenant', 'a', '--global'], '--tenant and --global exclude'],
    [['inspect', '--tenant', 'a'], 'Which cache?'],
    [['inspect', '--tenant', 'a', '--cache', 'c'], 'Which entry?'],
    [
      ['inspect', '--tenant', 'a', '--cache', 'c', '--key', 'k', '--args', '[]'],
      'exclude each other',
    ],
    [
      ['inspect', '--tenant', 'a', '--cache', 'c', '--args', '{}'],
      `--args is '{}'; expected a JSON`,
    ],
    [['inspect', '--tenant', 'a', '--cache', 'c', '--args', 'x'], `--args is 'x'; expected a JSON`],
    [['inspect', '--redis-key', 'k'], `--redis-key is 'k'; expected the key of an entry`],
    [['inspect', '--redis-key', 'k', '--tenant', 'a'], '--redis-key names all of an entry.'],
    [
      ['inspect', '--redis-key', `cache:{${'a'.repeat(100)}#${'0'.repeat(32)}/c@1/k}`],
      'no more than the digest of a long name',
    ],
    [
      ['inspect', '--tenant', 'a', '--cache', 'c', '--key', 'k', '--cache-version', 'x'],
      `--cache-version is 'x'`,
    ],
    [['clear', '--yes'], 'Whose entries?'],
    [['clear', '--yes', '--tag', 't', '--pattern', 'p'], '--tag and --pattern exclude each other.'],
    [['clear', '--yes', '--everything', '--tenant', 'a'], '--everything is of all tenants'],
    [
      ['clear', '--yes', '--tenant', 'a', '--cache', 'c', '--tag', 't'],
      '--cache does not go with --tag.',
    ],
    [['clear', '--yes', '--global', '--erase'], '--erase is for a tenant.'],
    [['clear', '--yes', '--tenant', 'a', '--pattern', '[x]'], 'Option pattern is'],
  ])('%j says which entries it misses', async (args, message) => {
    const { code, stdout, stderr } = await runCommand([
      ...args,
      '--url',
      String(process.env.REDIS_URL),
    ]);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('is told to programs as JSON', async () => {
    const { stderr } = await runCommand(['tenants', '--top', '0', '--json']);
    expect(JSON.parse(stderr)).toEqual({
      error: { message: `--top is '0'; expected a whole number from 1 up.`, exitCode: 2 },
    });
  });
});

describe('help and version', () => {
  it.each([['--help'], ['help', 'clear'], ['clear', '--help'], ['--version'], ['-v']])(
    '%j asks for nothing of Redis',
    async (...args) => {
      const { code, stdout, stderr } = await runCommand(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^(?:Usage: redis-cache|1\.2\.3\n$)/);
    },
  );

  it('is what stands there without a command', async () => {
    const { code, stderr } = await runCommand([]);
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: redis-cache');
  });
});

describe('a Redis that cannot be reached', () => {
  it.each(['health', 'stats', 'tenants', 'monitor', 'validate'])('ends %s with 3', async (name) => {
    const { code, stdout, stderr } = await runCommand([name, '--url', NOBODY]);
    expect(code).toBe(3);
    expect(stdout + stderr).toContain('connect ECONNREFUSED 127.0.0.1:1');
  });

  it('is all that health has to say', async () => {
    const { code, stdout } = await runCommand(['health', '--json'], { env: { REDIS_URL: NOBODY } });
    expect({ code, body: JSON.parse(stdout) as unknown }).toEqual({
      code: 3,
      body: {
        status: 'away',
        redis: NOBODY,
        reason: expect.stringMatching(/connect ECONNREFUSED 127\.0\.0\.1:1$/) as string,
      },
    });
  });

  it('is not waited for longer than said, where it accepts and is silent', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `redis://127.0.0.1:${port}`;
    const { code, stderr } = await runCommand(['tenants', '--url', url, '--timeout', '200ms']);
    for (const socket of sockets) socket.destroy();
    server.close();
    expect(code).toBe(3);
    expect(stderr).toMatch(new RegExp(`^error: ${url} cannot be reached: `));
  });
});

describe('secrets', () => {
  it.each<[string, string[], Record<string, string>]>([
    ['in a URL that is none', ['health', '--url', `redis//u:${SECRET}@h`], {}],
    ['in a URL that nobody listens to', ['health', '--url', `redis://u:${SECRET}@127.0.0.1:1`], {}],
    ['in the environment', ['stats', '--url', NOBODY], { REDIS_PASSWORD: SECRET }],
    ['in REDIS_URL', ['validate', '--json'], { REDIS_URL: `redis://:${SECRET}@127.0.0.1:1` }],
    ['of a server that has none', ['health'], { REDIS_URL: withPassword() }],
    [
      'of the sentinels',
      ['health', '--sentinel', '127.0.0.1:1'],
      { REDIS_SENTINEL_PASSWORD: SECRET },
    ],
    ['in front of a sentinel', ['health', '--sentinel', `u:${SECRET}@h:1`], {}],
    ['of an application', ['stats', '--from', `http://u:${SECRET}@127.0.0.1:1/metrics`], {}],
    ['in a query', ['stats', '--from', `http://127.0.0.1:1/metrics?token=${SECRET}`], {}],
  ])('are not shown: %s', async (_where, args, env) => {
    const { code, stdout, stderr } = await runCommand([...args, '--timeout', '500ms'], { env });
    expect(code).not.toBe(1);
    expect(stdout + stderr).not.toBe('');
    expect(stdout + stderr).not.toContain(SECRET);
  });
});

function withPassword(): string {
  const url = new URL(String(process.env.REDIS_URL));
  url.password = SECRET;
  return url.href;
}
