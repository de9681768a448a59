import { randomUUID } from 'node:crypto';
import { signCacheWebhook, type AdminCaches, type AdminPurge } from 'nestjs-redis-cache/admin';
import { until } from '../support/until.js';
import {
  ADAPTERS,
  AdminApps,
  CallerGuard,
  type AdminApp,
  type Caller,
} from './support/admin-app.js';

// On a busy machine an application takes long to boot.
jest.setTimeout(30_000);

const RIVAL: Caller = { tenant: 'rival' };
const ACME: Caller = { tenant: 'acme' };
const OPERATOR_SECRET = randomUUID();
const RIVAL_SECRET = randomUUID();

/** How a route is asked for what acme has, and what each caller is answered. Nobody is always 401. */
interface Row {
  readonly ask: string;
  readonly body?: object;
  readonly rival: number;
  readonly acme: number;
  readonly operator: number;
}

const own = { rival: 403, acme: 200, operator: 200 };
/** Says to each what is theirs. */
const each = { rival: 200, acme: 200, operator: 200 };
const operators = { rival: 403, acme: 403, operator: 200 };
const entry = 'entries?cache=lead&key=acme-key&tenant=acme';

const ROWS: Readonly<Record<string, Row>> = {
  'GET ': { ask: '', ...each },
  'GET assets/settings.json': { ask: 'assets/settings.json', ...each },
  'GET assets/:file': { ask: 'assets/none.js', rival: 404, acme: 404, operator: 404 },
  'GET session': { ask: 'session', ...each },
  'GET statistics': { ask: 'statistics', ...each },
  'GET caches': { ask: 'caches', ...each },
  'GET health': { ask: 'health', ...operators },
  'GET loads': { ask: 'loads', ...each },
  'GET events': { ask: 'events?limit=500', ...each },
  'GET stream': { ask: 'stream', ...each },
  'GET entries': { ask: `${entry}&value=true`, ...own },
  'PUT entries': {
    ask: 'entries',
    body: { cache: 'lead', key: 'acme-key', tenant: 'acme', value: 'acme-value' },
    ...own,
  },
  'DELETE entries': { ask: entry, ...own },
  'POST evictions/tags': {
    ask: 'evictions/tags',
    body: { tags: ['acme-tag'], tenant: 'acme' },
    ...own,
  },
  'POST evictions/pattern': {
    ask: 'evictions/pattern',
    body: { pattern: 'lead/*', tenant: 'acme' },
    ...own,
  },
  'POST evictions/cache': {
    ask: 'evictions/cache',
    body: { cache: 'lead', tenant: 'acme' },
    ...own,
  },
  'POST evictions/tenant': { ask: 'evictions/tenant', body: { tenant: 'acme' }, ...own },
  'POST evictions/all': { ask: 'evictions/all', body: {}, ...operators },
  'POST purges': { ask: 'purges', body: { tenant: 'acme' }, rival: 403, acme: 202, operator: 202 },
  'GET purges': { ask: 'purges', ...each },
  'GET purges/:id': { ask: 'purges/:id', rival: 404, acme: 200, operator: 200 },
  'GET rollouts': { ask: 'rollouts', ...operators },
  'PUT rollouts': { ask: 'rollouts', body: { cache: 'lead', tenants: ['acme'] }, ...operators },
  'DELETE rollouts': { ask: 'rollouts?cache=lead', ...operators },
  // Asked by a signature, and by nothing else.
  'POST webhook': {
    ask: 'webhook',
    body: { invalidations: [{ by: 'tenant', tenant: 'acme' }] },
    rival: 401,
    acme: 401,
    operator: 401,
  },
};

/** What is asked for is never in the answer to those who may not have it. */
const ACMES = /acme/;

describe.each(ADAPTERS)('who may call what, on %s', (http) => {
  const apps = new AdminApps();

  const boot = (): Promise<AdminApp> =>
    apps.boot({
      http,
      tier: 'redis',
      cache: { caches: { lead: {}, settings: { scope: 'global' } } },
      admin: {
        guards: [CallerGuard],
        values: 'write',
        webhook: { secrets: [OPERATOR_SECRET, { secret: RIVAL_SECRET, tenant: 'rival' }] },
      },
    });

  const fill = async (app: AdminApp): Promise<string> => {
    const acme = app.caches.forTenant('acme').cache('lead');
    await acme.wrap('acme-load', () => 'acme-value');
    await app.caches.cache('settings').set('acme-global', 'acme-value');
    await acme.del('acme-load');
    const purge = { tenant: 'acme' };
    const { body } = await app.call<AdminPurge>('operator', 'POST', 'purges', purge);
    await app.untilNoPurgeRuns();
    await acme.set('acme-key', 'acme-value', { tags: ['acme-tag'] });
    return body.id;
  };

  const keyOf = ({ method, path }: { method: string; path: string }) =>
    `${method} ${path.replace(/^\/admin\/cache\/?/, '')}`;

  it('is decided for every route there is', async () => {
    const app = await boot();
    expect(app.routes.map(keyOf).sort()).toEqual(Object.keys(ROWS).sort());
  });

  it('is nothing for somebody without a key', async () => {
    const app = await boot();
    for (const [route, { ask, body }] of Object.entries(ROWS)) {
      const { status, type } = await app.call('nobody', methodOf(route), ask, body);
      expect([route, status, type]).toEqual([
        route,
        401,
        'application/problem+json; charset=utf-8',
      ]);
    }
  });

  it.each([
    ['rival', RIVAL],
    ['acme', ACME],
    ['operator', 'operator'],
  ] as const)('is as it should be for %s', async (who, caller) => {
    const app = await boot();
    const id = await fill(app);
    for (const [route, { ask, body, ...expected }] of Object.entries(ROWS)) {
      // Each is asked with all of acme's there.
      await app.caches.forTenant('acme').cache('lead').set('acme-key', 'acme-value');
      const asked = ask.replace(':id', id);
      const status =
        route === 'GET stream'
          ? (await app.listen(caller)).status
          : (await app.call(caller, methodOf(route), asked, body)).status;
      expect([route, status]).toEqual([route, expected[who]]);
      await app.untilNoPurgeRuns();
    }
  });

  it('leaves another tenant without a trace of what acme has, whatever it calls', async () => {
    const app = await boot();
    const id = await fill(app);
    const before = await app.keysAndValues();
    for (const [route, { ask, body }] of Object.entries(ROWS)) {
      if (route === 'GET stream') continue;
      const answer = await app.call(RIVAL, methodOf(route), ask.replace(':id', id), body);
      const { instance: _instance, ...told } = Object(answer.body) as Record<string, unknown>;
      expect([route, JSON.stringify(told)]).toEqual([route, expect.not.stringMatching(ACMES)]);
    }
    expect(await app.keysAndValues()).toEqual(before);

    const stream = await app.listen(RIVAL);
    await app.caches
      .forTenant('acme')
      .cache('lead')
      .wrap('acme-other', () => 'acme-value');
    await app.caches.forTenant('acme').evictTags(['acme-tag']);
    await app.caches.forTenant('rival').evictTags(['rival-tag']);
    await until(() => stream.text.includes('Evicted by tag'));
    expect(stream.text).not.toMatch(ACMES);
  });

  it.each([
    ['GET', 'entries?cache=settings&key=acme-global', undefined, 'cache'],
    ['GET', 'entries?cache=settings&key=acme-global&tenant=rival', undefined, 'cache'],
    ['PUT', 'entries', { cache: 'settings', key: 'k', value: 1 }, 'cache'],
    ['DELETE', 'entries?cache=settings&key=acme-global', undefined, 'cache'],
    ['POST', 'evictions/tags', { tags: ['t'], global: true }, 'global'],
    ['POST', 'evictions/tags', { tags: ['t'], global: true, tenant: 'rival' }, 'global'],
    ['POST', 'evictions/pattern', { pattern: '*', global: true }, 'global'],
    ['POST', 'evictions/cache', { cache: 'settings' }, 'cache'],
    ['GET', 'statistics?redis=true', undefined, 'redis'],
  ])('keeps a tenant from what belongs to none: %s %s', async (method, path, body, field) => {
    const app = await boot();
    await fill(app);
    const before = await app.keysAndValues();
    const answer = await app.call(RIVAL, method, path, body);
    expect(answer).toMatchObject({ status: 403, body: { errors: [{ field }] } });
    expect(await app.keysAndValues()).toEqual(before);
  });

  it('tells a tenant of no cache that belongs to none', async () => {
    const app = await boot();
    const names = async (caller: Caller) =>
      (await app.call<AdminCaches>(caller, 'GET', 'caches')).body.caches.map(({ name }) => name);
    expect(await names(RIVAL)).toEqual(['default', 'lead']);
    expect(await names('operator')).toEqual(['default', 'lead', 'settings']);
  });

  it('binds a webhook call to the tenant of its secret', async () => {
    const app = await boot();
    await fill(app);
    const before = await app.keysAndValues();
    for (const [item, field] of [
      [{ by: 'tenant', tenant: 'acme' }, 'tenant'],
      [{ by: 'key', cache: 'lead', key: 'acme-key', tenant: 'acme' }, 'tenant'],
      [{ by: 'key', cache: 'settings', key: 'acme-global' }, 'cache'],
      [{ by: 'tags', tags: ['t'], global: true }, 'global'],
      [{ by: 'pattern', pattern: '*', global: true }, 'global'],
      [{ by: 'all' }, 'by'],
    ] as const) {
      // The first is the rival's own, and is not made either.
      const body = JSON.stringify({ invalidations: [{ by: 'tenant' }, item] });
      const headers = { 'x-cache-signature': signCacheWebhook(RIVAL_SECRET, body) };
      const answer = await app.call('nobody', 'POST', 'webhook', body, headers);
      expect(answer).toMatchObject({
        status: 403,
        body: { errors: [{ field: `invalidations[1].${field}` }] },
      });
    }
    expect(await app.keysAndValues()).toEqual(before);
  });

  it.each([
    ['nothing', 'null'],
    ['an unknown kind', '{"kind":"root"}'],
    ['a tenant without an id', '{"kind":"tenant"}'],
    ['a tenant of another type', '{"kind":"tenant","tenant":["acme"]}'],
    ['an empty tenant', '{"kind":"tenant","tenant":""}'],
    ['a text', '"operator"'],
  ])('is nothing where a guard lets pass %s', async (_, said) => {
    const app = await boot();
    for (const [route, { ask, body }] of Object.entries(ROWS)) {
      if (route === 'POST webhook') continue;
      const answer = await app.call('nobody', methodOf(route), ask, body, { 'x-caller': said });
      expect([route, answer.status]).toEqual([route, 403]);
    }
  });
});

function methodOf(route: string): string {
  return route.split(' ')[0] as string;
}
