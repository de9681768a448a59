import fc from 'fast-check';
import { signCacheWebhook } from 'nestjs-redis-cache/admin';
import {
  AdminApps,
  ADAPTERS,
  CallerGuard,
  type AdminApp,
  type Answer,
  type Caller,
} from './support/admin-app.js';

// Hundreds of calls, on a machine that may be busy.
jest.setTimeout(60_000);

const SECRET = 'the-secret-of-acme-in-the-fuzz';
const ACME: Caller = { tenant: 'acme' };

/** What names and keys are tried with: what means something here, and what ends segments elsewhere. */
const TEXTS = fc.oneof(
  fc.constantFrom(
    'lead',
    'settings',
    'default',
    'acme',
    'rival',
    'operator',
    '',
    '*',
    'rival/lead@1',
    '}:stamp',
    '{rival/lead@1/k}',
    'acme}/../{rival',
    '../rival',
    '\u0000',
    '\ud800',
    '__proto__',
    'constructor',
    'k',
    '%',
    '%7Brival',
    ':42',
    'lead/*',
    '*/*',
    '[',
    '\\',
    '1e309',
    '-1',
    'true',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ minLength: 1_000, maxLength: 1_100 }),
);
const VALUES = fc.oneof(
  TEXTS,
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
  fc.constant(Array(120).fill('t')),
);

const often = (...right: unknown[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: VALUES });
/** The fields there are, each mostly with what makes sense for it. */
const FIELDS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  cache: often('lead', 'settings'),
  key: often('k', 42, ['k'], { k: 1 }),
  encodedKey: often('k', ':42', '', '<k::1>'),
  tenant: often('acme', 'rival'),
  global: often(true, false, 'true'),
  tags: often(['t'], ['t', 'u']),
  pattern: often('*', 'lead/*', 'settings/*'),
  value: often(1, 'true', 'false'),
  ttl: often('1s', 5, 0),
  window: often('1m', 'start'),
  redis: often('true', 'false'),
  after: often('0', '1'),
  limit: often('1', '500'),
};
const OF_ENTRY = ['cache', 'key', 'encodedKey', 'tenant'];
/** Which of them a route knows. One that is not here is tried with all. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'GET statistics': ['window', 'redis'],
  'GET events': ['after', 'limit'],
  'GET entries': [...OF_ENTRY, 'value'],
  'PUT entries': [...OF_ENTRY, 'value', 'ttl', 'tags'],
  'DELETE entries': OF_ENTRY,
  'PUT rollouts': ['cache', 'mode', 'percent', 'tenants', 'version'],
  'DELETE rollouts': ['cache'],
  'POST evictions/tags': ['tags', 'tenant', 'global'],
  'POST evictions/pattern': ['pattern', 'tenant', 'global'],
  'POST evictions/cache': ['cache', 'tenant'],
  'POST evictions/tenant': ['tenant'],
};
/** The first of the keys stands for what is asked for, and is mostly there. */
const fieldsOf = (names: readonly string[]) => {
  const [first = '', ...others] = names;
  const optional = { requiredKeys: [] };
  const known = fc.record(
    Object.fromEntries(others.map((name) => [name, FIELDS[name] ?? VALUES])),
    optional,
  );
  const right = fc
    .tuple(fc.record({ [first]: FIELDS[first] ?? VALUES }), known)
    .map(([one, more]) => ({ ...more, ...one }));
  const odd = fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(FIELDS)), TEXTS), VALUES);
  return fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: odd });
};

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** Any call of a route. */
function callsOf({ method, path }: { method: string; path: string }): fc.Arbitrary<Sent> {
  const at = path.replace(/^\/admin\/cache\/?/, '');
  const names = KNOWN[`${method} ${at}`] ?? Object.keys(FIELDS);
  const parameter = TEXTS.map((text) => at.replace(/:\w+/, encodable(text)));
  if (method === 'GET' || method === 'DELETE') {
    return fc.tuple(parameter, fieldsOf(names)).map(([filled, query]) => ({
      method,
      path: `${filled}?${queryOf(query)}`,
      body: undefined,
    }));
  }
  const body = fc.oneof(
    { weight: 9, arbitrary: fieldsOf(names) },
    { weight: 1, arbitrary: VALUES },
  );
  return fc.tuple(parameter, body).map(([filled, sent]) => ({ method, path: filled, body: sent }));
}

describe.each(ADAPTERS)('whatever is sent to /admin on %s', (http) => {
  const apps = new AdminApps();

  const boot = async (): Promise<AdminApp> => {
    const app = await apps.boot({
      http,
      tier: 'redis',
      cache: { caches: { lead: {}, settings: { scope: 'global' } } },
      admin: {
        guards: [CallerGuard],
        values: 'write',
        webhook: { secrets: [{ secret: SECRET, tenant: 'acme' }] },
      },
    });
    const rival = app.caches.forTenant('rival').cache('lead');
    await rival.set('k', 'theirs', { tags: ['t'] });
    await app.caches.cache('settings').set('k', 'everybodys', { tags: ['t'] });
    return app;
  };

  /** All that is not of acme, in Redis and in this process. */
  const others = async (app: AdminApp) => ({
    kept: Object.fromEntries(
      Object.entries(await app.keysAndValues()).filter(
        ([key]) => !/\{acme[/}]/.test(key) && !key.includes(':taken:'),
      ),
    ),
    rival: await app.caches.forTenant('rival').cache('lead').get('k'),
    global: await app.caches.cache('settings').get('k'),
  });

  const check = ({ status, type, body }: Answer<unknown>) => {
    expect(status).toBeLessThan(500);
    // What is wrong with the request as such is answered by the application, before its routes.
    if (type?.startsWith('application/problem+json')) {
      expect(body).toMatchObject({ type: 'about:blank', status, detail: expect.any(String) });
      if (status === 400) expect(body).toMatchObject({ errors: [expect.any(Object)] });
    }
  };

  /** Those that take something twice, as they have more to get wrong. */
  const calls = (app: AdminApp) => {
    const routes = app.routes.filter(({ path }) => !/stream|purges|webhook/.test(path));
    const taking = routes.filter(({ path }) => /entries|evictions|events|statistics/.test(path));
    return fc.oneof(...[...routes, ...taking].map(callsOf));
  };

  it('is answered, and a tenant reaches nothing but its own', async () => {
    const app = await boot();
    const before = await others(app);
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(calls(app), async ({ method, path, body }) => {
        const answer = await app.call(ACME, method, path, body);
        check(answer);
        expect(JSON.stringify(answer.body)).not.toMatch(/theirs|everybodys/);
        statuses.add(answer.status);
      }),
      { numRuns: 200 },
    );
    expect(await others(app)).toEqual(before);
    // It got through to where something is done, and was stopped on the way.
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 403, 404]));
  });

  it('is answered when an operator sends it, too', async () => {
    const app = await boot();
    await fc.assert(
      fc.asyncProperty(calls(app), async ({ method, path, body }) => {
        const answer = await app.call('operator', method, path, body);
        check(answer);
      }),
      { numRuns: 100 },
    );
  });

  it('is answered when it is signed, and stays within the tenant of the secret', async () => {
    const app = await boot();
    const before = await others(app);
    const ways: [by: string, fields: readonly string[]][] = [
      ['key', OF_ENTRY],
      ['tags', ['tags', 'tenant', 'global']],
      ['pattern', ['pattern', 'tenant', 'global']],
      ['cache', ['cache', 'tenant']],
      ['tenant', ['tenant']],
      ['all', ['tenant']],
      ['more', ['tenant']],
    ];
    const item = fc.oneof(
      ...ways.map(([by, names]) => fieldsOf(names).map((said) => ({ by, ...said }))),
      VALUES,
    );
    const items = fc.array(item, { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(items, fc.boolean(), async (invalidations, tampered) => {
        const body = JSON.stringify({ invalidations });
        const signature = signCacheWebhook(SECRET, tampered ? `${body}x` : body);
        const headers = { 'x-cache-signature': signature };
        const answer = await app.call('nobody', 'POST', 'webhook', body, headers);
        check(answer);
        // Some bodies are refused before their signature is looked at.
        if (tampered) expect([400, 401]).toContain(answer.status);
      }),
      { numRuns: 150 },
    );
    expect(await others(app)).toEqual(before);
  });
});

function queryOf(fields: Readonly<Record<string, unknown>>): string {
  const texts = Object.entries(fields).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return new URLSearchParams(texts).toString();
}

/** As a part of a path; half of a surrogate pair cannot be one. */
function encodable(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
