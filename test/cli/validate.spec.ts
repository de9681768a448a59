import { Redis } from 'ioredis';
import type { Finding } from '../../libs/redis-cache/src/cli/finding.js';
import type { ValidateReport } from '../../libs/redis-cache/src/cli/validate.report.js';
import { documentedRules } from '../support/readme-acl.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { runCommand, runForJson } from './support/run-command.js';

const suite = hasRedisBinary() ? describe : describe.skip;

suite('redis-cache validate', () => {
  let server: RedisServerProcess;
  let admin: Redis;

  beforeAll(async () => {
    server = await RedisServerProcess.start();
    admin = new Redis(server.url);
  });
  beforeEach(async () => {
    await admin.config('SET', 'maxmemory', '64mb');
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await admin.config('SET', 'save', '');
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });

  async function validate(env: Record<string, string> = {}) {
    const args = ['validate', '--url', server.url, '--prefix', 'crm'];
    const { code, body } = await runForJson(args, { env });
    return { code, report: body as ValidateReport };
  }

  const of = (report: ValidateReport, check: string): Finding[] =>
    report.findings.filter((finding) => finding.check === check);

  it('finds a server ready that is set up for a cache, and leaves nothing in it', async () => {
    const { code, report } = await validate();
    const texts = (text: string) => expect.stringMatching(text) as string;
    expect(code).toBe(0);
    expect(report).toEqual({
      redis: server.url,
      prefix: 'crm',
      severity: 'info',
      findings: [
        { check: 'server', severity: 'ok', found: texts(String.raw`^(?:Redis|Valkey) \d`) },
        { check: 'server', severity: 'ok', found: texts('^[23] of 10,000 connections in use$') },
        { check: 'transport', severity: 'ok', found: 'no TLS, on this machine alone' },
        { check: 'transport', severity: 'info', found: texts('no password'), advice: texts('ACL') },
        { check: 'permissions', severity: 'ok', found: 'scripts, and every command that they run' },
        {
          check: 'leases',
          severity: 'ok',
          found: texts('after an eviction a late fill is refused'),
        },
        { check: 'bus', severity: 'ok', found: texts('^messages arrive within .* ms$') },
        { check: 'bus', severity: 'ok', found: `coherence: 'tracking' is possible` },
        {
          check: 'memory',
          severity: 'ok',
          found: texts('of 67.1 MB used .*, policy allkeys-lru$'),
        },
        { check: 'persistence', severity: 'ok', found: texts('^no snapshots') },
        { check: 'topology', severity: 'info', found: texts('^one server') },
        { check: 'latency', severity: 'ok', found: texts('in the middle') },
      ],
    });
    const left = await admin.keys('*');
    expect(left.filter((key) => !key.endsWith(':stamp'))).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>, string, number, Partial<Finding>]>([
    [
      'no limit of memory',
      () => admin.config('SET', 'maxmemory', '0'),
      'memory',
      5,
      { severity: 'warning', advice: expect.stringContaining('Set maxmemory') as string },
    ],
    [
      'a full server that would refuse writes',
      () => admin.config('SET', 'maxmemory-policy', 'noeviction'),
      'memory',
      5,
      { severity: 'warning', found: expect.stringContaining('policy noeviction') as string },
    ],
    [
      'snapshots that bring back what was evicted',
      () => admin.config('SET', 'save', '3600 1'),
      'persistence',
      5,
      { severity: 'warning', found: expect.stringContaining('save 3600 1') as string },
    ],
  ])('warns of %s', async (_what, prepare, check, code, finding) => {
    await prepare();
    const ended = await validate();
    expect(ended.code).toBe(code);
    expect(ended.report.severity).toBe('warning');
    expect(of(ended.report, check)).toEqual([expect.objectContaining(finding)]);
  });

  describe('as a user of Redis', () => {
    const asUser = async (...rules: string[]) => {
      await admin.call('ACL', 'SETUSER', 'app', 'reset', 'on', '>pw', ...rules);
      return validate({ REDIS_USERNAME: 'app', REDIS_PASSWORD: 'pw' });
    };

    it('with the rights of the README finds nothing that is missing', async () => {
      const { code, report } = await asUser(...documentedRules());
      expect(of(report, 'permissions')).toEqual([
        { check: 'permissions', severity: 'ok', found: 'scripts, and every command that they run' },
      ]);
      expect(code).toBe(0);
      expect(of(report, 'persistence')).toEqual([
        {
          check: 'persistence',
          severity: 'info',
          found: 'whether it takes snapshots, the server does not tell',
        },
      ]);
    });

    it('with the rights of the README can run every other command', async () => {
      await asUser(...documentedRules());
      const env = { REDIS_USERNAME: 'app', REDIS_PASSWORD: 'pw' };
      const at = (...args: string[]) =>
        runForJson([...args, '--url', server.url, '--prefix', 'crm'], { env });
      await admin.set('crm:{acme/lead@1/k}', 'v');
      expect(await at('health')).toMatchObject({ code: 0, body: { status: 'ok' } });
      expect(await at('tenants')).toMatchObject({ code: 0, body: { count: 1, entries: 1 } });
      expect(await at('stats')).toMatchObject({ code: 0, body: { keyspace: { entries: 1 } } });
      const entry = ['--tenant', 'acme', '--cache', 'lead', '--key', 'k'];
      expect(await at('inspect', ...entry)).toMatchObject({ code: 0 });
      for (const what of [['--tag', 't'], ['--pattern', '*'], [], ['--erase']]) {
        expect(await at('clear', '--tenant', 'acme', ...what, '--yes')).toMatchObject({ code: 0 });
      }
    });

    it.each<[string, string[], string, Partial<Finding>]>([
      [
        'a command of the scripts',
        ['-getrange', '-pttl'],
        'permissions',
        { severity: 'error', advice: 'Grant the user +getrange +pttl.' },
      ],
      [
        'scripts',
        ['-eval', '-evalsha'],
        'permissions',
        { severity: 'error', advice: 'Grant the user +eval +evalsha.' },
      ],
      [
        'publishing',
        ['-publish'],
        'bus',
        { severity: 'error', advice: 'Grant the user +publish.' },
      ],
      [
        'listening',
        ['-subscribe'],
        'bus',
        { severity: 'error', advice: 'Grant the user +subscribe.' },
      ],
      ['walks', ['-scan'], 'permissions', { severity: 'warning', advice: 'Grant the user +scan.' }],
    ])('without the right to %s says what to grant', async (_what, rules, check, finding) => {
      const { code, report } = await asUser('~*', '&*', '+@all', ...rules);
      expect(code).toBe(finding.severity === 'error' ? 4 : 5);
      expect(of(report, check)).toContainEqual(expect.objectContaining(finding));
    });

    it('that may not ask what the server is goes on', async () => {
      jest.spyOn(console, 'warn').mockReturnValue(); // ioredis misses its ready check
      const { report } = await asUser('~*', '&*', '+@all', '-info');
      expect(of(report, 'server')).toEqual([expect.objectContaining({ severity: 'info' })]);
      jest.restoreAllMocks();
    });
  });

  it('prints what to do, in a narrow terminal too', async () => {
    await admin.config('SET', 'maxmemory', '0');
    const args = ['validate', '--url', server.url];
    const { code, stdout } = await runCommand(args, { env: { COLUMNS: '40' } });
    expect(code).toBe(5);
    expect(stdout).toMatch(/^warning memory: /m);
    expect(stdout).toMatch(/^ {10}→ Set maxmemory below what the$/m);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(61);
    expect(stdout).toMatch(/\nIt works, and should be improved before it is relied on\.\n$/);
  });

  it('cannot be misled by a replica, which takes no writes', async () => {
    const replica = await RedisServerProcess.start({
      args: ['--replicaof', `127.0.0.1 ${server.port}`],
    });
    const { code, stderr } = await runCommand(['validate', '--url', replica.url]);
    await replica.stop();
    expect(code).toBe(3);
    expect(stderr).toContain('cannot be reached: READONLY');
  });
});

suite('redis-cache health', () => {
  it('says how Redis is, and what is wrong with it', async () => {
    const server = await RedisServerProcess.start();
    const args = ['health', '--url', server.url];
    const well = await runForJson(args);
    expect(well).toEqual({
      code: 0,
      body: {
        status: 'ok',
        redis: server.url,
        problems: [],
        server: expect.stringMatching(/^(?:Redis|Valkey) \d/) as string,
        connectMs: expect.any(Number) as number,
        latency: expect.objectContaining({ samples: 10 }) as object,
        figures: expect.objectContaining({ servers: 1, maxMemoryBytes: 0 }) as object,
      },
    });
    const admin = new Redis(server.url);
    await admin.config('SET', 'maxmemory', '1mb');
    const unwell = await runForJson(args);
    expect(unwell).toMatchObject({
      code: 4,
      body: {
        status: 'unwell',
        problems: ['Memory is full and the policy is noeviction: writes are refused.'],
      },
    });
    expect((await runCommand(args)).stdout).toMatch(
      /^status {2,}unwell\nproblem {2,}Memory is full/,
    );
    admin.disconnect();
    await server.stop();
  });
});
