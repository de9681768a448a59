import { resolveAlerts } from './alerts/resolve-alerts.js';
import { InvalidCacheOptionsError } from './errors/invalid-options.error.js';
import type { RedisCacheModuleOptions } from './redis-cache.options.js';
import type { PersistentStore } from './persistence/persistent-store.interface.js';
import { resolveOptions } from './resolve-options.js';

const DEFAULT_OPTIONS = {
  connection: false,
  far: true,
  prefix: 'cache',
  defaults: {},
  caches: {},
  resolveTenant: undefined,
  near: { maxBytes: 67_108_864, maxEntries: 50_000, tenantShare: 0.5 },
  degradedTtlMs: 2_000,
  nearTtl: 5_000,
  commandTimeoutMs: 100,
  leaseMs: 3_000,
  closeTimeoutMs: 2_000,
  failureThreshold: 1,
  probeIntervalMs: 50,
  maxProbeIntervalMs: 1_000,
  coherence: 'bus',
  heartbeatMs: 1_000,
  silenceMs: 500,
  sharded: true,
  maxToldBytes: 1_024,
  journal: { keepMs: 60_000, maxItems: 10_000 },
  warming: {
    mode: 'background',
    concurrency: 4,
    leaseMs: 10_000,
    freshMs: 60_000,
    timeoutMs: 30_000,
    closeTimeoutMs: 2_000,
  },
  alerts: resolveAlerts(),
};

/** The message of the error that options are refused with. */
function refusal(options: unknown): string {
  try {
    resolveOptions(options as RedisCacheModuleOptions);
  } catch (error) {
    if (error instanceof InvalidCacheOptionsError) return error.message;
    throw error;
  }
  throw new Error('The options were accepted.');
}

/** `{ a: { b: value } }` for the path `a.b`. */
function at(path: string, value: unknown): unknown {
  return path.split('.').reduceRight((inner, field) => ({ [field]: inner }), value);
}

describe('resolveOptions', () => {
  it('fills in every default', () => {
    expect(resolveOptions({})).toEqual(DEFAULT_OPTIONS);
  });

  it('takes what is given, in milliseconds', () => {
    const resolve = () => 'acme';
    const options: RedisCacheModuleOptions = {
      connection: { url: 'redis://localhost' },
      far: false,
      prefix: 'crm:prod',
      defaults: { ttl: '1m' },
      caches: { 'lead.byId': { ttl: '2m', near: { share: true } } },
      tenant: { resolve },
      near: { maxBytes: 1, maxEntries: 1, tenantShare: 1, ttl: '1s', degradedTtl: 0 },
      timeouts: { command: 5, lease: '1s', close: '1.5s' },
      breaker: { failures: 3, probeInterval: '100ms', maxProbeInterval: '1m' },
      coherence: 'ttl',
      bus: { heartbeat: '2s', silence: 250, sharded: false, maxEntryBytes: 0 },
      journal: { keep: '2m', maxItems: 5 },
      warm: 'blocking',
      warming: { concurrency: 1, lease: '1s', fresh: 0, timeout: '5s' },
      alerts: { window: '5m' },
    };
    expect(resolveOptions(options)).toEqual({
      connection: { url: 'redis://localhost' },
      far: false,
      prefix: 'crm:prod',
      defaults: { ttl: '1m' },
      caches: { 'lead.byId': { ttl: '2m', near: { share: true } } },
      resolveTenant: resolve,
      near: { maxBytes: 1, maxEntries: 1, tenantShare: 1 },
      degradedTtlMs: 0,
      nearTtl: 1_000,
      commandTimeoutMs: 5,
      leaseMs: 1_000,
      closeTimeoutMs: 1_500,
      failureThreshold: 3,
      probeIntervalMs: 100,
      maxProbeIntervalMs: 60_000,
      coherence: 'ttl',
      heartbeatMs: 2_000,
      silenceMs: 250,
      sharded: false,
      maxToldBytes: 0,
      journal: { keepMs: 120_000, maxItems: 5 },
      warming: {
        mode: 'blocking',
        concurrency: 1,
        leaseMs: 1_000,
        freshMs: 0,
        timeoutMs: 5_000,
        closeTimeoutMs: 1_500,
      },
      alerts: resolveAlerts({ window: '5m' }),
    });
  });

  it('warms nothing at boot where there is nothing to keep it in', () => {
    const modeOf = (options: RedisCacheModuleOptions) => resolveOptions(options).warming.mode;
    expect(modeOf({ near: false, warm: 'blocking' })).toBe(false);
    const connection = { url: 'redis://localhost' };
    expect(modeOf({ near: false, connection })).toBe('background');
    expect(modeOf({ near: false, far: false, connection })).toBe(false);
  });

  it('takes undefined, of an unset variable say, for the default, at every level', () => {
    const unset = {
      connection: undefined,
      prefix: undefined,
      defaults: undefined,
      caches: undefined,
      tenant: { resolve: undefined },
      near: {
        maxBytes: undefined,
        maxEntries: undefined,
        tenantShare: undefined,
        ttl: undefined,
        degradedTtl: undefined,
      },
      timeouts: { command: undefined, lease: undefined, close: undefined },
      breaker: { failures: undefined, probeInterval: undefined, maxProbeInterval: undefined },
      coherence: undefined,
      bus: { heartbeat: undefined, silence: undefined },
      journal: { keep: undefined, maxItems: undefined },
      warm: undefined,
      warming: { concurrency: undefined, lease: undefined, fresh: undefined, timeout: undefined },
      alerts: undefined,
    } as unknown as RedisCacheModuleOptions;
    expect(resolveOptions(unset)).toEqual(DEFAULT_OPTIONS);
    const groups = ['tenant', 'near', 'timeouts', 'breaker', 'bus', 'journal', 'warming'] as const;
    const noGroups = Object.fromEntries(groups.map((group) => [group, undefined]));
    expect(resolveOptions(noGroups)).toEqual(DEFAULT_OPTIONS);
  });

  it('changes none of the objects it is given', () => {
    const options = { near: { maxEntries: 5 }, timeouts: { lease: 1_000 } };
    const before = structuredClone(options);
    resolveOptions(Object.freeze(options));
    expect(options).toEqual(before);
  });

  it('leaves the near tier out where it is switched off', () => {
    expect(resolveOptions({ near: false })).toEqual({
      ...DEFAULT_OPTIONS,
      warming: { ...DEFAULT_OPTIONS.warming, mode: false },
      near: false,
      nearTtl: false,
      degradedTtlMs: 0,
    });
  });

  it('takes a client of the user as it is', () => {
    const method = () => undefined;
    const methods = ['on', 'off', 'connect', 'disconnect', 'quit', 'getBuffer', 'evalshaBuffer'];
    const client = {
      status: 'ready',
      ...Object.fromEntries([...methods, 'evalBuffer', 'del'].map((name) => [name, method])),
    } as unknown as RedisCacheModuleOptions['connection'] & object;
    expect(resolveOptions({ connection: client }).connection).toBe(client);
  });

  describe('the persistent store', () => {
    const store = Object.fromEntries(
      ['open', 'look', 'put', 'invalidate', 'erase', 'sweep', 'close'].map((name) => [
        name,
        jest.fn(),
      ]),
    ) as unknown as PersistentStore;

    it('has a time and a number of failures by default', () => {
      const { persistence } = resolveOptions({ persistence: { store } });
      expect(persistence).toMatchObject({ store, timeoutMs: 250, failureThreshold: 3 });
    });

    it('knows which caches use it', () => {
      const persistence = { store, timeout: '1s', failures: 1 } as const;
      const caches = {
        on: { persist: { ttl: '1d' } },
        off: { persist: false },
        silent: {},
      } as const;
      const some = resolveOptions({ persistence, caches }).persistence;
      expect(some).toMatchObject({ timeoutMs: 1_000, failureThreshold: 1 });
      expect(['on', 'off', 'silent', 'other'].map((name) => some?.caches.has(name))).toEqual([
        true,
        false,
        false,
        false,
      ]);
      expect(some?.caches.some((name) => name === 'off')).toBe(false);
      const all = resolveOptions({ persistence, caches, defaults: { persist: true } }).persistence;
      expect(['on', 'off', 'silent', 'other'].map((name) => all?.caches.has(name))).toEqual([
        true,
        false,
        true,
        true,
      ]);
    });

    it('is none where it is switched off, whatever the caches say', () => {
      const options = resolveOptions({ persistence: false, defaults: { persist: true } });
      expect(options.persistence).toBeUndefined();
    });
  });

  describe('refuses', () => {
    const DURATION =
      'expected milliseconds from 0 to ten years, or a number with a unit (ms, s, m, h, d). ' +
      `Write for instance 900000 or '15m'.`;
    const TIME = 'expected a time of at least 1 ms. Leave it out for the default.';
    const WHOLE_OR_NONE =
      'expected a whole number from 0 up. Set it to such a number, or leave it out for the default.';
    const WHOLE =
      'expected a whole number from 1 up. Set it to such a number, or leave it out for the default.';
    const SHARE = 'expected a number from 0 to 1. It is a share: 0.8 means 80 %.';
    const OBJECT = 'expected an object. Leave it out for the defaults.';
    const PREFIX =
      'expected 1 to 64 letters, digits or . _ ~ : - with no colon at either end. ' +
      `Write for instance 'crm' or 'crm:prod'.`;
    const RESOLVE =
      'expected a function that returns the tenant id or undefined. ' +
      `Write for instance resolve: () => cls.get('tenantId').`;
    const COHERENCE = `expected 'bus', 'tracking' or 'ttl'. Keep 'bus' unless others change keys in Redis, or the server has no pub/sub.`;
    const NO_NAME = 'Remove it or correct its name.';
    const STORE =
      'expected an object with the methods open, look, put, invalidate, erase, sweep, close. ' +
      'Take a store of nestjs-redis-cache/persistence, or make a PersistentStore of your own.';

    it.each<[string, unknown, string]>([
      ['prefix', '', `is ''; ${PREFIX}`],
      ['prefix', 'crm:', `is 'crm:'; ${PREFIX}`],
      ['prefix', ':crm', `is ':crm'; ${PREFIX}`],
      ['prefix', 'crm*', `is 'crm*'; ${PREFIX}`],
      ['prefix', 'crm{1}', `is 'crm{1}'; ${PREFIX}`],
      ['prefix', 5, `is 5; ${PREFIX}`],
      ['prefix', 'x'.repeat(65), `is '${'x'.repeat(60)}'... 5 more charac…; ${PREFIX}`],
      ['tenant', 'acme', `is '***'; ${OBJECT}`],
      ['tenant', null, `is null; ${OBJECT}`],
      ['tenant.resolve', 'acme', `is 'acme'; ${RESOLVE}`],
      ['tenant.resolve', null, `is null; ${RESOLVE}`],
      ['tenant.resolver', 1, `is '***'; expected one of the fields resolve. ${NO_NAME}`],
      ['near', true, `is true; ${OBJECT}`],
      ['near', null, `is null; ${OBJECT}`],
      ['near.maxBytes', 0, `is 0; ${WHOLE}`],
      ['near.maxBytes', '64mb', `is '64mb'; ${WHOLE}`],
      ['near.maxEntries', 0.5, `is 0.5; ${WHOLE}`],
      ['near.maxEntries', null, `is null; ${WHOLE}`],
      ['near.tenantShare', 50, `is 50; ${SHARE}`],
      ['near.tenantShare', NaN, `is NaN; ${SHARE}`],
      [
        'near.tenantShare',
        0,
        'is 0; expected a number above 0 up to 1. Use near: false to switch the near tier off.',
      ],
      ['near.ttl', '5', `is '5'; ${DURATION}`],
      ['near.degradedTtl', -1, `is -1; ${DURATION}`],
      [
        'near.maxSize',
        5,
        `is '***'; expected one of the fields maxBytes, maxEntries, tenantShare, ttl, degradedTtl. ${NO_NAME}`,
      ],
      ['persistence', 'pg', `is '***'; ${OBJECT}`],
      [
        'persistence.url',
        1,
        `is '***'; expected one of the fields store, timeout, failures. ${NO_NAME}`,
      ],
      ['persistence.store', 5, `is 5; ${STORE}`],
      ['persistence.store', { open: () => 1 }, `is { open: [Function: open] }; ${STORE}`],
      ['defaults.persist', 5, `is 5; expected an object. Leave it out for the defaults.`],
      [
        'defaults.persist.ttl',
        0,
        'is 0; expected a time of at least 1 ms. Use persist: false to keep nothing in the persistent store.',
      ],
      ['timeouts', 100, `is 100; ${OBJECT}`],
      ['timeouts.command', 0, `is 0; ${TIME}`],
      ['timeouts.command', 'fast', `is 'fast'; ${DURATION}`],
      ['timeouts.lease', '0s', `is '0s'; ${TIME}`],
      ['timeouts.lease', Infinity, `is Infinity; ${DURATION}`],
      [
        'timeouts.lease',
        3,
        'is 3; expected no less than timeouts.command, 100 ms. Raise timeouts.lease, to several times ' +
          'as long: a value that Redis is given after the end of its lease is not stored. A number is ' +
          'milliseconds.',
      ],
      ['timeouts.close', 0.3, `is 0.3; ${TIME}`],
      ['timeouts.close', null, `is null; ${DURATION}`],
      [
        'timeouts.connect',
        100,
        `is '***'; expected one of the fields command, lease, close. ${NO_NAME}`,
      ],
      ['breaker', [], `is []; ${OBJECT}`],
      ['breaker.failures', 0, `is 0; ${WHOLE}`],
      ['breaker.failures', '3', `is '3'; ${WHOLE}`],
      ['breaker.probeInterval', 0, `is 0; ${TIME}`],
      ['breaker.probeInterval', '50', `is '50'; ${DURATION}`],
      ['breaker.maxProbeInterval', 0, `is 0; ${TIME}`],
      ['breaker.maxProbeInterval', NaN, `is NaN; ${DURATION}`],
      [
        'breaker.probeInterval',
        '5s',
        `is '5s'; expected no more than breaker.maxProbeInterval, 1000 ms. ` +
          'Raise breaker.maxProbeInterval, or lower breaker.probeInterval.',
      ],
      [
        'breaker.threshold',
        5,
        `is '***'; expected one of the fields failures, probeInterval, maxProbeInterval. ${NO_NAME}`,
      ],
      ['coherence', 'none', `is 'none'; ${COHERENCE}`],
      ['coherence', false, `is false; ${COHERENCE}`],
      [
        'far',
        'false',
        `is 'false'; expected true or false. Set it to one of them, or leave it out for the default.`,
      ],
      [
        'bus.sharded',
        'auto',
        `is 'auto'; expected true or false. Set it to one of them, or leave it out for the default.`,
      ],
      ['bus', 'redis', `is '***'; ${OBJECT}`],
      ['bus.heartbeat', 0, `is 0; ${TIME}`],
      ['bus.heartbeat', '1', `is '1'; ${DURATION}`],
      ['bus.silence', '0ms', `is '0ms'; ${TIME}`],
      ['bus.silence', -1, `is -1; ${DURATION}`],
      ['bus.maxEntryBytes', '1kb', `is '1kb'; ${WHOLE_OR_NONE}`],
      ['bus.maxEntryBytes', -1, `is -1; ${WHOLE_OR_NONE}`],
      [
        'bus.channel',
        'x',
        `is '***'; expected one of the fields heartbeat, silence, sharded, maxEntryBytes. ${NO_NAME}`,
      ],
      ['journal', 5, `is 5; ${OBJECT}`],
      ['journal.keep', 'long', `is 'long'; ${DURATION}`],
      ['journal.maxItems', 0, `is 0; ${WHOLE}`],
      ['journal.maxItems', Infinity, `is Infinity; ${WHOLE}`],
      ['journal.size', 5, `is '***'; expected one of the fields keep, maxItems. ${NO_NAME}`],
      [
        'warm',
        true,
        `is true; expected 'blocking', 'background' or false. Use 'blocking' where the application must not serve before it is warm.`,
      ],
      ['warming', 4, `is 4; ${OBJECT}`],
      ['warming.concurrency', 0, `is 0; ${WHOLE}`],
      ['warming.lease', 0, `is 0; ${TIME}`],
      ['warming.fresh', 'never', `is 'never'; ${DURATION}`],
      ['warming.timeout', 0, `is 0; ${TIME}`],
      [
        'warming.parallel',
        5,
        `is '***'; expected one of the fields concurrency, lease, fresh, timeout. ${NO_NAME}`,
      ],
      ['defaults', 'fast', `is '***'; ${OBJECT}`],
      ['defaults.ttl', '5', `is '5'; ${DURATION}`],
      ['defaults.near.ttl', '5', `is '5'; ${DURATION}`],
      ['caches', ['lead'], `is [ 'lead' ]; ${OBJECT}`],
      ['caches', 5, `is 5; ${OBJECT}`],
    ])('%s: %p', (path, value, message) => {
      expect(refusal(at(path, value))).toBe(`Option ${path} ${message}`);
    });

    it.each<[unknown, string]>([
      [null, `['lead.byId'] is null; ${OBJECT}`],
      [{ grace: 'long' }, `['lead.byId'].grace is 'long'; ${DURATION}`],
      [{ near: { ttl: 'long' } }, `['lead.byId'].near.ttl is 'long'; ${DURATION}`],
    ])('the policy %j of one of the caches', (policy, message) => {
      expect(refusal({ caches: { 'lead.byId': policy } })).toBe(`Option caches${message}`);
    });

    it('a near.ttl that no cache of today takes', () => {
      expect(refusal({ near: { ttl: '5' }, defaults: { near: { ttl: '1s' } } })).toBe(
        `Option near.ttl is '5'; ${DURATION}`,
      );
    });

    it('a cache that persists where there is no store', () => {
      expect(refusal({ caches: { lead: { persist: true } } })).toBe(
        'Option persistence is undefined; expected a store, as a cache says persist. ' +
          'Write for instance persistence: { store: new PostgresStore({ client: pool }) }, or false.',
      );
    });

    it('an option it does not know', () => {
      expect(refusal({ prefixes: 'crm' })).toBe(
        `Option options.prefixes is '***'; expected one of the fields connection, far, prefix, ` +
          `defaults, caches, tenant, transaction, near, timeouts, breaker, coherence, bus, journal, ` +
          `warm, warming, alerts, persistence, tracing. ` +
          NO_NAME,
      );
    });

    it.each([null, undefined, 5, []])('options that are %j', (options) => {
      expect(refusal(options)).toMatch(/^Option options is .+; expected an object\./);
    });
  });

  describe('checks how to connect, as far as can be told without connecting', () => {
    const URL =
      'expected a URL such as redis://user:password@host:6379/0 (rediss:// for TLS). ' +
      'Percent-encode special characters of user and password; ' +
      'use connection: false to run without Redis.';

    it.each<[unknown, string]>([
      [
        true,
        ` is true; expected an object. Write for instance connection: { url: 'redis://localhost:6379' }.`,
      ],
      [
        {},
        ' is []; expected exactly one of the fields url, host, sentinels, cluster, ' +
          'or an ioredis client. Use connection: false to run without Redis.',
      ],
      [{ url: undefined }, `.url is undefined; ${URL}`],
      [{ url: 'localhost:6379' }, `.url is 'localhost:6379'; ${URL}`],
      [
        { host: 'redis', port: '6379' },
        `.port is '6379'; expected a whole number from 1 to 65535. Leave it out for the default.`,
      ],
    ])('%j', (connection, message) => {
      expect(refusal({ connection })).toBe(`Option connection${message}`);
    });
  });

  it.each<[string, unknown]>([
    ['the URL in place of the options', 'redis://:hunter2@redis:6379'],
    ['the URL in place of the connection', { connection: 'redis://:hunter2@redis:6379' }],
    ['the URL under a wrong name', { url: 'redis://:hunter2@redis:6379' }],
    ['the password beside the connection', { password: 'hunter2' }],
    ['a password in a URL that cannot be read', { connection: { url: 'http://:hunter2@redis' } }],
    ['a password with an unencoded %', { connection: { url: 'redis://:%hunter2@redis' } }],
    ['a password under a wrong name', { connection: { host: 'redis', pasword: 'hunter2' } }],
    ['a password beside a URL', { connection: { url: 'redis://redis', password: 'hunter2' } }],
    ['a password that is no text', { connection: { host: 'redis', password: ['hunter2'] } }],
    ['the URL as a policy', { caches: { lead: 'redis://:hunter2@redis' } }],
  ])('says nothing of a secret: %s', (_what, options) => {
    expect(refusal(options)).not.toMatch(/hunter2/);
  });
});
