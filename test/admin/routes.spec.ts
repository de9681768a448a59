import { Cacheable } from 'nestjs-redis-cache';
import { Injectable } from '@nestjs/common';
import type {
  AdminCaches,
  AdminEntry,
  AdminEvents,
  AdminHealth,
  AdminLoads,
  AdminPurge,
  AdminPurges,
  OperatorStatistics,
} from 'nestjs-redis-cache/admin';
import { eventually } from '../integration/support/eventually.js';
import { Gate } from '../support/gate.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { ADAPTERS, AdminApps, CallerGuard, type AdminApp } from './support/admin-app.js';

// On a busy machine an application takes long to boot.
jest.setTimeout(30_000);

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

class Lead {
  constructor(readonly name: string) {}
}

@Injectable()
class LeadService {
  @Cacheable('lead.byPhone', { key: (phone: string) => phone, ttl: '1m' })
  byPhone(phone: string): Promise<string> {
    return Promise.resolve(phone);
  }
}

const caches = {
  lead: {},
  small: { maxBytes: 10 },
  instances: { type: () => Lead },
  settings: { scope: 'global' as const },
};

describe.each(ADAPTERS)('the routes of /admin on %s', (http) => {
  const apps = new AdminApps();

  const boot = (values: false | 'read' | 'write' = 'write', rest = {}): Promise<AdminApp> =>
    apps.boot({
      http,
      tier: 'redis',
      cache: { caches },
      providers: [LeadService],
      admin: { guards: [CallerGuard], values, page: { credentialHeader: 'x-caller' } },
      ...rest,
    });
  const get = async <Body>(app: AdminApp, path: string): Promise<Body> => {
    const answer = await app.call<Body>('operator', 'GET', path);
    expect([path, answer.status]).toEqual([path, 200]);
    expect(answer.type).toBe('application/json; charset=utf-8');
    return answer.body;
  };

  it('tell what the caches did, over the time that is asked for', async () => {
    const app = await boot();
    const acme = app.caches.forTenant('acme').cache('lead');
    await acme.wrap('k', () => 1);
    await acme.wrap('k', () => 1);
    for (const window of ['start', '1m', '5m', '15m']) {
      const { principal, ...statistics } = await get<OperatorStatistics>(
        app,
        `statistics?window=${window}`,
      );
      expect(principal).toBe('operator');
      expect(statistics.caches.lead).toMatchObject({ loads: 1, nearHits: 1, near: { entries: 1 } });
      expect(statistics.tenants.loads).toEqual([{ tenant: 'acme', count: 1, excess: 0 }]);
      expect(statistics).not.toHaveProperty('redis');
    }
    const { redis } = await get<OperatorStatistics>(app, 'statistics?redis=true');
    expect(redis).toMatchObject({ version: expect.any(String), clients: expect.any(Number) });
    expect((await app.call({ tenant: 'acme' }, 'GET', 'statistics')).body).toEqual({
      principal: 'tenant',
      tenant: 'acme',
      mode: 'redis',
      period: expect.any(Object),
      calls: expect.any(Number),
      loads: 1,
    });
  });

  it('list the caches that are used, and how long they keep what', async () => {
    const app = await boot();
    const { caches: listed } = await get<AdminCaches>(app, 'caches');
    expect(listed.map(({ name, scope }) => [name, scope])).toEqual([
      ['default', 'tenant'],
      ['instances', 'tenant'],
      ['lead', 'tenant'],
      ['lead.byPhone', 'tenant'],
      ['settings', 'global'],
      ['small', 'tenant'],
    ]);
    expect(listed[0]).toMatchObject({ ttlMs: 300_000, near: { ttlMs: 5_000, share: false } });
  });

  it('do not make a cache of a name that somebody tries', async () => {
    const app = await boot();
    const known = (await get<AdminCaches>(app, 'caches')).caches.length;
    for (let number = 0; number < 20; number += 1) {
      const answer = await app.call(
        'operator',
        'GET',
        `entries?cache=try-${number}&key=k&tenant=t`,
      );
      expect(answer).toMatchObject({ status: 404, body: { errors: [{ field: 'cache' }] } });
    }
    expect((await get<AdminCaches>(app, 'caches')).caches).toHaveLength(known);
  });

  it('tell the health in detail', async () => {
    const app = await boot();
    await app.caches.forTenant('acme').cache('lead').set('k', 1);
    expect(await get(app, 'health')).toEqual({
      atMs: expect.any(Number),
      status: 'ok',
      mode: 'redis',
      connection: { kind: 'ready', sinceMs: expect.any(Number) },
      pingMs: expect.any(Number),
      breaker: { kind: 'closed', failures: 0 },
      bus: { trusted: true, delayMs: expect.any(Number) },
      journal: { size: 1, unacknowledged: 0 },
      near: { entries: 1, bytes: expect.any(Number), evictions: 0 },
      flights: 0,
      stream: { listeners: 0, maxListeners: 20 },
    });
  });

  it('tell the health of a cache without Redis', async () => {
    const app = await boot('write', { tier: 'memory' });
    expect(await get(app, 'health')).toMatchObject({
      status: 'ok',
      mode: 'memory',
      connection: null,
      breaker: null,
      pingMs: null,
    });
    expect((await get<OperatorStatistics>(app, 'statistics?redis=true')).redis).toBeNull();
    expect((await app.call('operator', 'POST', 'evictions/all', {})).body).toEqual({
      acknowledged: true,
    });
  });

  it('tell the slowest loads, and which of them failed', async () => {
    const app = await boot();
    const gate = new Gate();
    const acme = app.caches.forTenant('acme').cache('lead');
    const slow = acme.wrap('slow', () => gate.pass());
    await app.caches
      .forTenant('rival')
      .wrap('bad', () => Promise.reject(new Error('password is secret')))
      .catch(() => undefined);
    gate.open();
    await slow;
    const { slowest } = await get<AdminLoads>(app, 'loads');
    expect(slowest.map(({ tenant, cache, key, failed }) => [tenant, cache, key, failed])).toEqual([
      ['acme', 'lead', 'slow', false],
      ['rival', 'default', 'bad', true],
    ]);
    const { body } = await app.call<AdminLoads>({ tenant: 'rival' }, 'GET', 'loads');
    expect(body.slowest).toMatchObject([{ tenant: 'rival' }]);
    const { events } = await get<AdminEvents>(app, 'events');
    expect(events.at(-1)).toMatchObject({ type: 'loadError', severity: 'warning' });
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('give events behind one, and so many', async () => {
    const app = await boot();
    const acme = app.caches.forTenant('acme');
    for (const tag of ['a', 'b', 'c']) await acme.evictTags([tag]);
    const acmes = (path: string) => app.call<AdminEvents>({ tenant: 'acme' }, 'GET', path);
    const { events } = (await acmes('events')).body;
    expect(events).toHaveLength(3);
    const behind = await acmes(`events?after=${String(events[0]?.id)}`);
    expect(behind.body).toEqual({ events: events.slice(1), gap: false });
    const last = await acmes('events?limit=1');
    expect(last.body).toEqual({ events: events.slice(2), gap: true });
  });

  describe('for one entry', () => {
    const entry = 'entries?cache=lead&key=k&tenant=acme';

    it('set, explain, show and evict it', async () => {
      const app = await boot();
      const lead = app.caches.forTenant('acme').cache('lead');
      const body = { cache: 'lead', key: 'k', tenant: 'acme', value: { n: 1 }, tags: ['t'] };
      expect((await app.call('operator', 'PUT', 'entries', body)).body).toEqual({ stored: true });
      expect(await lead.get('k')).toEqual({ n: 1 });
      const shown = await get<AdminEntry>(app, `${entry}&value=true`);
      expect(shown).toMatchObject({
        entry: { tenant: 'acme', cache: 'lead', key: 'k' },
        outlook: { kind: 'hit', tier: 'near' },
        connection: { kind: 'ready' },
        value: { kind: 'json', json: { n: 1 } },
      });
      expect(await get(app, entry)).not.toHaveProperty('value');
      expect(shown.far).toMatchObject({
        stamps: expect.arrayContaining([expect.objectContaining({ level: 'tag', tag: 't' })]),
      });
      await app.caches.forTenant('acme').evictTags(['t']);
      expect((await get<AdminEntry>(app, `${entry}&value=true`)).value).toBeNull();

      await lead.set('k', 2);
      expect((await app.call('operator', 'DELETE', entry)).body).toEqual({ existed: true });
      expect((await app.call('operator', 'DELETE', entry)).body).toEqual({ existed: false });
      expect(await lead.get('k')).toBeUndefined();
    });

    it('keep a value as long as is said', async () => {
      const app = await boot();
      const body = { cache: 'lead', key: 'k', tenant: 'acme', value: 1, ttl: '10s' };
      await app.call('operator', 'PUT', 'entries', body);
      const { far } = await get<AdminEntry & { far: { ttlLeftMs: number } }>(app, entry);
      expect(far.ttlLeftMs).toBeLessThanOrEqual(10_000);
      expect(far.ttlLeftMs).toBeGreaterThan(5_000);
    });

    it.each([{ value: 'more than ten' }, { value: 1, ttl: 0 }])(
      'say so where a value is not to be stored: %j',
      async (said) => {
        const app = await boot();
        const small = app.caches.forTenant('acme').cache('small');
        await small.set('k', 'before');
        const body = { cache: 'small', key: 'k', tenant: 'acme', ...said };
        const answer = await app.call('operator', 'PUT', 'entries', body);
        expect(answer).toMatchObject({ status: 200, body: { stored: false } });
        expect(await small.get('k')).toBeUndefined();
      },
    );

    it('take keys of every kind that JSON has, and as they stand in Redis', async () => {
      const app = await boot();
      const lead = app.caches.forTenant('acme').cache('lead');
      const put = (key: object) =>
        app.call('operator', 'PUT', 'entries', { cache: 'lead', tenant: 'acme', value: 1, ...key });
      const keys = [
        42,
        '42',
        '',
        ['a', 1],
        { from: 1, to: [2] },
        true,
        'a/b {c}*',
        'x'.repeat(900),
      ];
      for (const key of keys) {
        expect((await put({ key })).status).toBe(200);
        expect(await lead.get(key)).toBe(1);
        const encodedKey = (await lead.explain(key)).entry.key;
        const path = `entries?cache=lead&tenant=acme&encodedKey=${encodeURIComponent(encodedKey)}`;
        expect((await get<AdminEntry>(app, path)).outlook.kind).toBe('hit');
        expect((await app.call('operator', 'DELETE', path)).body).toEqual({ existed: true });
        expect(await lead.get(key)).toBeUndefined();
      }
      expect(await put({ key: null })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'key' }] },
      });
    });

    it('show what JSON cannot carry as Node does', async () => {
      const app = await boot();
      const lead = app.caches.forTenant('acme').cache('lead');
      const value = { at: new Date(0), big: 5n, map: new Map([['a', 1]]) };
      await lead.set('k', value);
      expect((await get<AdminEntry>(app, `${entry}&value=true`)).value).toEqual({
        kind: 'text',
        text: `{ at: 1970-01-01T00:00:00.000Z, big: 5n, map: Map(1) { 'a' => 1 } }`,
      });
      await lead.set('k', undefined);
      expect((await get<AdminEntry>(app, `${entry}&value=true`)).value).toEqual({
        kind: 'text',
        text: 'undefined',
      });
    });

    it('reach the global scope without a tenant, and no cache of it with one', async () => {
      const app = await boot();
      await app.caches.cache('settings').set('theme', 'dark');
      const shown = await get(app, 'entries?cache=settings&key=theme&value=true');
      expect(shown).toMatchObject({ entry: { tenant: null }, value: { json: 'dark' } });
      const path = 'entries?cache=settings&key=theme&tenant=acme';
      expect(await app.call('operator', 'GET', path)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'tenant' }] },
      });
    });

    it('show and set no value unless that is allowed', async () => {
      const body = { cache: 'lead', key: 'k', tenant: 'acme', value: 1 };
      const statuses = async (app: AdminApp) => [
        (await app.call('operator', 'GET', `${entry}&value=true`)).status,
        (await app.call('operator', 'PUT', 'entries', body)).status,
        (await app.call('operator', 'GET', entry)).status,
      ];
      expect(await statuses(await boot(false))).toEqual([403, 403, 200]);
      expect(await statuses(await boot('read'))).toEqual([200, 403, 200]);
    });

    it.each([
      [{ cache: 'instances', value: { name: 'x' } }, 422, 'value'],
      [{ cache: 'lead', value: 1, ttl: 'soon' }, 400, 'ttl'],
      [{ cache: 'lead', value: 1, ttl: -1 }, 400, 'ttl'],
      [{ cache: 'lead', value: 1, tags: 't' }, 400, 'tags'],
      [{ cache: 'lead', value: 1, tags: [''] }, 400, 'tags'],
      [{ cache: 'lead' }, 400, 'value'],
      [{ cache: 'lead', value: 1, encodedKey: 'k' }, 400, 'key'],
    ])('refuse %j with %i for %s', async (said, status, field) => {
      const app = await boot();
      const answer = await app.call('operator', 'PUT', 'entries', {
        key: 'k',
        tenant: 'acme',
        ...said,
      });
      expect(answer).toMatchObject({ status, body: { status, errors: [{ field }] } });
      expect(answer.type).toBe('application/problem+json; charset=utf-8');
    });
  });

  it('evict by tag, pattern, cache, tenant and all', async () => {
    const app = await boot();
    const lead = (tenant: string) => app.caches.forTenant(tenant).cache('lead');
    const settings = app.caches.cache('settings');
    const fill = async () => {
      for (const tenant of ['acme', 'rival']) {
        await lead(tenant).set('a1', 1, { tags: ['t'] });
        await lead(tenant).set('a2', 1);
        await app.caches.forTenant(tenant).set('a1', 1);
      }
      await settings.set('a1', 1, { tags: ['t'] });
    };
    const there = async () => {
      const of = async (tenant: string) => [
        ...(await lead(tenant).mget(['a1', 'a2'])),
        await app.caches.forTenant(tenant).get('a1'),
      ];
      const all = [...(await of('acme')), ...(await of('rival')), await settings.get('a1')];
      return all.map((value) => (value === undefined ? '-' : '+')).join('');
    };
    for (const [route, body, left] of [
      ['tags', { tags: ['t'], tenant: 'acme' }, '-+++++' + '+'],
      ['tags', { tags: ['t'], global: true }, '++++++' + '-'],
      ['pattern', { pattern: 'lead/a*', tenant: 'acme' }, '--++++' + '+'],
      ['pattern', { pattern: '*', global: true }, '++++++' + '-'],
      ['cache', { cache: 'lead', tenant: 'acme' }, '--++++' + '+'],
      ['cache', { cache: 'settings' }, '++++++' + '-'],
      ['tenant', { tenant: 'acme' }, '---+++' + '+'],
      ['all', {}, '------' + '-'],
    ] as const) {
      await fill();
      const { status, body: answer } = await app.call(
        'operator',
        'POST',
        `evictions/${route}`,
        body,
      );
      expect([route, status, await there()]).toEqual([route, 200, left]);
      const count = 'global' in body ? 1 : 2;
      expect(answer).toEqual(route === 'pattern' ? { count } : { acknowledged: true });
    }
  });

  it('erase all that a tenant has, and tell how far it has come', async () => {
    const app = await boot();
    const acme = app.caches.forTenant('acme');
    for (let key = 0; key < 20; key += 1) await acme.set(key, 1, { tags: ['t'] });
    await app.caches.forTenant('rival').set('k', 1);
    const started = await app.call<AdminPurge>('operator', 'POST', 'purges', { tenant: 'acme' });
    expect(started).toMatchObject({ status: 202, body: { tenant: 'acme', state: 'running' } });
    await app.untilNoPurgeRuns();
    const done = await get<AdminPurge>(app, `purges/${started.body.id}`);
    expect(done).toMatchObject({
      state: 'done',
      endedAtMs: expect.any(Number),
      progress: { step: 'rest', node: 1, nodes: 1, scanned: expect.any(Number) },
    });
    expect(done.deleted).toBeGreaterThanOrEqual(20);
    expect(await get(app, 'purges')).toEqual({ purges: [done] });
    expect(Object.keys(await app.keysAndValues()).filter((key) => key.includes('acme/'))).toEqual(
      [],
    );
    expect(await app.caches.forTenant('rival').get('k')).toBe(1);
    expect((await app.call('operator', 'GET', 'purges/none')).status).toBe(404);
  });

  it('take JSON and nothing that a form of another site could send', async () => {
    const app = await boot();
    for (const type of ['application/x-www-form-urlencoded', 'text/plain']) {
      const answer = await app.call('operator', 'POST', 'evictions/tenant', 'tenant=acme', {
        'content-type': type,
      });
      expect(answer).toMatchObject({ status: 415, body: { errors: [{ field: 'content-type' }] } });
    }
    for (const body of ['[]', '["a"]']) {
      const answer = await app.call('operator', 'POST', 'evictions/tenant', body);
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'body' }] } });
    }
  });

  it('let nobody on the way keep an answer', async () => {
    const app = await boot();
    for (const path of ['statistics', 'entries?cache=none&key=k']) {
      const { headers } = await app.call('operator', 'GET', path);
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it('tell the page what it has to know, under a strict policy', async () => {
    const app = await boot();
    const { body, headers } = await app.call('operator', 'GET', 'assets/settings.json');
    expect(body).toEqual({ credentialHeader: 'x-caller', streamIntervalMs: 2_000, aliveMs: 1_000 });
    const policy = headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).not.toContain('unsafe');
    for (const name of [
      '..%2fadmin.options.ts',
      '%2e%2e%2fadmin.options.ts',
      'x.map',
      'settings.json%00',
    ]) {
      expect((await app.call('operator', 'GET', `assets/${name}`)).status).toBeGreaterThanOrEqual(
        400,
      );
    }
  });

  it('serve the page to everybody where it is open, and nothing else', async () => {
    const app = await boot('write', {
      admin: { guards: [CallerGuard], page: { open: true } },
    });
    expect((await app.call('nobody', 'GET', 'assets/settings.json')).status).toBe(200);
    expect((await app.call('nobody', 'GET', 'session')).status).toBe(401);
    const without = await boot('write', { admin: { guards: [CallerGuard], page: false } });
    expect((await without.call('operator', 'GET', 'assets/settings.json')).status).toBe(404);
  });
});

describeWithServer('the routes of /admin, with Redis away', () => {
  const apps = new AdminApps();

  it('say what is acknowledged, and how a purge ended', async () => {
    const server = await RedisServerProcess.start();
    try {
      const app = await apps.boot({
        cache: { connection: { url: server.url } } as never,
        logger: { log: jest.fn(), warn: jest.fn(), error: jest.fn() },
      });
      const health = async () => (await app.call<AdminHealth>('operator', 'GET', 'health')).body;
      await eventually('it is connected', async () => (await health()).status === 'ok');
      await app.caches.forTenant('acme').set('k', 1);
      await server.kill();
      await eventually('it is noticed', async () => (await health()).status === 'degraded');
      expect(await health()).toMatchObject({
        mode: 'fallback',
        connection: { kind: 'suspended', reason: expect.any(String) },
        pingMs: null,
      });
      const evicted = await app.call('operator', 'POST', 'evictions/tenant', { tenant: 'acme' });
      expect(evicted).toMatchObject({ status: 200, body: { acknowledged: false } });
      expect(await app.caches.forTenant('acme').get('k')).toBeUndefined();
      expect(await health()).toMatchObject({ journal: { unacknowledged: 1 } });
      await app.call('operator', 'POST', 'purges', { tenant: 'acme' });
      await app.untilNoPurgeRuns();
      const { purges } = (await app.call<AdminPurges>('operator', 'GET', 'purges')).body;
      expect(purges).toMatchObject([
        { state: 'incomplete', message: expect.stringContaining('Call purgeTenant() again') },
      ]);
    } finally {
      await server.stop();
    }
  });
});
