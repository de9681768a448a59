import fc from 'fast-check';
import { signCacheWebhook } from 'nestjs-redis-cache/admin';
import {
  AdminApps,
  ADAPTERS,
  CallerGuard,
  type AdminApp,
  type Caller,
} from './support/admin-app.js';

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
const FIELDS = [
  'cache',
  'key',
  'encodedKey',
  'tenant',
  'global',
  'tags',
  'pattern',
  'value',
  'ttl',
  'window',
  'redis',
  'after',
  'limit',
  'invalidations',
  'by',
];
const field = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...FIELDS) }, TEXTS);
const record = (value: fc.Arbitrary<unknown>) =>
  fc.array(fc.tuple(field, value), { maxLength: 6 }).map((pairs) => Object.fromEntries(pairs));
/** Often what is right but for one field. */
const sane = fc.constantFrom(
  { cache: 'lead', key: 'k' },
  { cache: 'settings', key: 'k' },
  { cache: 'lead', key: 'k', value: 1 },
  { tags: ['t'] },
  { pattern: 'lead/*' },
  { tenant: 'acme' },
  { tenant: 'rival' },
  {},
);
const fields = (value: fc.Arbitrary<unknown>) =>
  fc.tuple(sane, record(value)).map(([base, more]) => ({ ...base, ...more }));
const bodies = fc.oneof({ weight: 8, arbitrary: fields(VALUES) }, { weight: 1, arbitrary: VALUES });

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

  const check = (status: number, type: string | null, body: any) => {
    expect(status).toBeLessThan(500);
    // What is wrong with the request as such is answered by the application, before its routes.
    if (type?.startsWith('application/problem+json')) {
      expect(body).toMatchObject({ type: 'about:blank', status, detail: expect.any(String) });
      if (status === 400) expect(body.errors).toHaveLength(1);
    }
  };

  it('is answered, and a tenant reaches nothing but its own', async () => {
    const app = await boot();
    const before = await others(app);
    const routes = app.routes.filter(({ path }) => !/stream|purges|webhook/.test(path));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        fields(TEXTS),
        bodies,
        TEXTS,
        async ({ method, path }, query, body, parameter) => {
          const search = new URLSearchParams(query as Record<string, string>);
          const at = path.replace('/admin/cache', '').replace(/:\w+/, encodable(parameter));
          const answer = await app.call(
            ACME,
            method,
            `${at.slice(1)}?${search}`,
            method === 'GET' || method === 'DELETE' ? undefined : body,
          );
          check(answer.status, answer.type, answer.body);
          expect(JSON.stringify(answer.body)).not.toMatch(/theirs|everybodys/);
        },
      ),
      { numRuns: 250 },
    );
    expect(await others(app)).toEqual(before);
  });

  it('is answered when an operator sends it, too', async () => {
    const app = await boot();
    const routes = app.routes.filter(({ path }) => !/stream|purges|webhook/.test(path));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        fields(TEXTS),
        bodies,
        async ({ method, path }, query, body) => {
          const search = new URLSearchParams(query as Record<string, string>);
          const answer = await app.call(
            'operator',
            method,
            `${path.replace('/admin/cache', '').slice(1)}?${search}`,
            method === 'GET' || method === 'DELETE' ? undefined : body,
          );
          check(answer.status, answer.type, answer.body);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is answered when it is signed, and stays within the tenant of the secret', async () => {
    const app = await boot();
    const before = await others(app);
    const item = fc.oneof(
      { weight: 9, arbitrary: fields(VALUES) },
      { weight: 1, arbitrary: VALUES },
    );
    const by = fc.constantFrom('key', 'tags', 'pattern', 'cache', 'tenant', 'all', 'more');
    const items = fc.array(
      fc
        .tuple(by, item)
        .map(([kind, said]) =>
          typeof said === 'object' && said !== null ? { by: kind, ...said } : said,
        ),
      { maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(items, fc.boolean(), async (invalidations, tampered) => {
        const body = JSON.stringify({ invalidations });
        const signature = signCacheWebhook(SECRET, tampered ? `${body}x` : body);
        const headers = { 'x-cache-signature': signature };
        const answer = await app.call('nobody', 'POST', 'webhook', body, headers);
        check(answer.status, answer.type, answer.body);
        if (tampered) expect(answer.status).toBe(401);
      }),
      { numRuns: 150 },
    );
    expect(await others(app)).toEqual(before);
  });
});

/** As a part of a path; half of a surrogate pair cannot be one. */
function encodable(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
