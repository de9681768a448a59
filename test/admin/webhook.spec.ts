import { createHmac, randomUUID } from 'node:crypto';
import { signCacheWebhook, type AdminProblem } from 'nestjs-redis-cache/admin';
import { ownPrefix } from '../support/cache-apps.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { RecordingLogger } from '../module/support/recording-logger.js';
import {
  ADAPTERS,
  AdminApps,
  CallerGuard,
  type AdminApp,
  type AdminBootOptions,
} from './support/admin-app.js';

// On a busy machine an application takes long to boot.
jest.setTimeout(30_000);

const OLD_SECRET = randomUUID();
const SECRET = randomUUID();
const MINUTE_MS = 60_000;

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

const admin = {
  guards: [CallerGuard],
  webhook: { secrets: [OLD_SECRET, SECRET, { secret: `acme-${SECRET}`, tenant: 'acme' }] },
};

function call(app: AdminApp, body: unknown, signature?: string, type = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const signed = signature ?? signCacheWebhook(SECRET, text);
  const headers = { 'x-cache-signature': signed, 'content-type': type };
  return app.call<AdminProblem>('nobody', 'POST', 'webhook', text, headers);
}

describe.each(ADAPTERS)('the webhook on %s', (http) => {
  const apps = new AdminApps();

  const boot = (options: AdminBootOptions = {}) =>
    apps.boot({
      http,
      tier: 'redis',
      ...options,
      cache: { caches: { lead: {}, settings: { scope: 'global' } }, ...options.cache },
      admin: options.admin ?? admin,
    });

  it('evicts by all that can be evicted by, in the order given', async () => {
    const app = await boot();
    const leads = (tenant: string) => app.caches.forTenant(tenant).cache('lead');
    const settings = app.caches.cache('settings');
    for (const key of ['one', 'tagged', 'like-this']) {
      await leads('acme').set(key, 1, { tags: key === 'tagged' ? ['t'] : [] });
    }
    for (const tenant of ['b', 'c', 'd']) await leads(tenant).set('k', 1);
    await settings.set(['theme', 2], 1);

    expect(
      await call(app, {
        invalidations: [
          { by: 'key', cache: 'lead', key: 'one', tenant: 'acme' },
          { by: 'tags', tags: ['t'], tenant: 'acme' },
          { by: 'pattern', pattern: 'lead/like-*', tenant: 'acme' },
          { by: 'cache', cache: 'lead', tenant: 'b' },
          { by: 'tenant', tenant: 'c' },
          { by: 'key', cache: 'settings', key: ['theme', 2] },
        ],
      }),
    ).toMatchObject({ status: 200, body: { applied: 6 } });
    const there = async () => [
      ...(await leads('acme').mget(['one', 'tagged', 'like-this'])),
      ...(await Promise.all(['b', 'c', 'd'].map((tenant) => leads(tenant).get('k')))),
      await settings.get(['theme', 2]),
    ];
    expect(await there()).toEqual([...Array<undefined>(5).fill(undefined), 1, undefined]);

    expect(await call(app, { invalidations: [{ by: 'all' }] })).toMatchObject({ status: 200 });
    expect(await leads('d').get('k')).toBeUndefined();
  });

  it('makes nothing of a call of which one part cannot be read', async () => {
    const app = await boot();
    const lead = app.caches.forTenant('acme').cache('lead');
    await lead.set('k', 1);
    const good = { by: 'key', cache: 'lead', key: 'k', tenant: 'acme' };
    for (const [bad, field] of [
      [{ by: 'magic' }, 'invalidations[1].by'],
      [{ ...good, cache: 'unknown' }, 'invalidations[1].cache'],
      [{ ...good, more: 1 }, 'invalidations[1].more'],
      [{ by: 'pattern', pattern: '[', tenant: 'acme' }, 'invalidations[1].pattern'],
      [{ by: 'tags', tags: [], tenant: 'acme' }, 'invalidations[1].tags'],
      ['text', 'invalidations[1]'],
    ] as const) {
      const answer = await call(app, { invalidations: [good, bad] });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.body.errors).toMatchObject([{ field }]);
    }
    for (const body of [{}, { invalidations: [] }, { invalidations: Array(101).fill(good) }]) {
      expect((await call(app, body)).body.errors).toMatchObject([{ field: 'invalidations' }]);
    }
    expect(await lead.get('k')).toBe(1);
  });

  it('takes any of its secrets, and binds what is signed with that of a tenant', async () => {
    const app = await boot();
    const body = JSON.stringify({ invalidations: [{ by: 'tenant' }] });
    expect(await call(app, body, signCacheWebhook(`acme-${SECRET}`, body))).toMatchObject({
      status: 200,
    });
    const all = JSON.stringify({ invalidations: [{ by: 'all' }] });
    expect((await call(app, all, signCacheWebhook(OLD_SECRET, all))).status).toBe(200);
    expect((await call(app, all, signCacheWebhook(SECRET, all))).status).toBe(200);
  });

  it('refuses what is not signed, or not so', async () => {
    const app = await boot();
    const lead = app.caches.forTenant('acme').cache('lead');
    await lead.set('k', 1);
    const body = JSON.stringify({ invalidations: [{ by: 'all' }] });
    const signed = signCacheWebhook(SECRET, body);
    const [time = '', hex = ''] = signed.split(',v1=');
    const minute = (minutes: number) =>
      signCacheWebhook(SECRET, body, Date.now() + minutes * MINUTE_MS);
    const bare = createHmac('sha256', SECRET).update(body).digest('hex');
    for (const signature of [
      '',
      hex,
      `${time},v1=`,
      `${time},v1=${hex.slice(0, -1)}`,
      `${time},v1=${hex.toUpperCase()}x`,
      `${time},v1=${hex}00`,
      `${time}0,v1=${hex}`,
      `t=${Number(time.slice(2)) + 1},v1=${hex}`,
      `t=NaN,v1=${hex}`,
      `${time},v0=${hex}`,
      `${time},v1=${bare}`,
      signCacheWebhook('another-secret-of-enough-letters', body),
      signCacheWebhook(SECRET, `${body} `),
      signCacheWebhook(SECRET, ''),
      minute(-5.1),
      minute(5.1),
    ]) {
      const answer = await call(app, body, signature);
      expect([signature, answer.status]).toEqual([signature, 401]);
      expect(answer.body.errors).toMatchObject([{ field: 'x-cache-signature' }]);
      expect(JSON.stringify(answer.body)).not.toContain(SECRET);
    }
    // The same value in other bytes is another body.
    expect((await call(app, body.replace(':', ': '), signed)).status).toBe(401);
    expect(await lead.get('k')).toBe(1);
    expect((await call(app, body, minute(-4.9))).status).toBe(200);
    expect((await call(app, body, minute(4.9))).status).toBe(200);
  });

  it('takes nothing twice, also of two at the same time', async () => {
    const app = await boot();
    const body = JSON.stringify({ invalidations: [{ by: 'all' }] });
    const signature = signCacheWebhook(SECRET, body);
    const answers = await Promise.all([call(app, body, signature), call(app, body, signature)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await call(app, body, signature)).toMatchObject({
      status: 409,
      body: { errors: [{ field: 'x-cache-signature', message: 'was used before' }] },
    });
  });

  it('takes nothing twice in two processes', async () => {
    const cache = { prefix: ownPrefix() };
    const [a, b] = [await boot({ cache }), await boot({ cache })];
    const body = JSON.stringify({ invalidations: [{ by: 'all' }] });
    const signature = signCacheWebhook(SECRET, body);
    expect((await call(a, body, signature)).status).toBe(200);
    expect((await call(b, body, signature)).status).toBe(409);
    const remembered = Object.keys(await a.keysAndValues()).filter((key) =>
      key.includes(':taken:'),
    );
    expect(remembered).toEqual([`${cache.prefix}:{}:taken:${signature.split('v1=')[1]}`]);
  });

  it('does not use up the signature of a call that it cannot read', async () => {
    const app = await boot();
    const body = '{"invalidations":[{"by":"tenant"}]}';
    const signature = signCacheWebhook(SECRET, body);
    for (const status of [400, 400]) {
      expect((await call(app, body, signature)).status).toBe(status);
    }
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
    'refuses bodies of the type %j',
    async (type) => {
      const app = await boot();
      const body = JSON.stringify({ invalidations: [{ by: 'all' }] });
      expect((await call(app, body, undefined, type)).status).toBe(415);
    },
  );

  it('is not there unless it has a secret', async () => {
    const app = await boot({ admin: { guards: [CallerGuard] } });
    expect(await call(app, { invalidations: [{ by: 'all' }] })).toMatchObject({
      status: 404,
      body: { detail: 'There is no webhook' },
    });
  });

  it('says what to do where the application keeps no bytes to check', async () => {
    const logger = new RecordingLogger();
    const app = await boot({ rawBody: false, logger });
    expect((await call(app, { invalidations: [{ by: 'all' }] })).status).toBe(501);
    expect(String(logger.of('error')[0])).toContain('rawBody: true');
  });
});

describeWithServer('the webhook, with Redis away', () => {
  const apps = new AdminApps();

  it('goes on, and takes nothing twice in this process', async () => {
    const server = await RedisServerProcess.start();
    try {
      const app = await apps.boot({ cache: { connection: { url: server.url } } as never, admin });
      await server.kill();
      const body = JSON.stringify({ invalidations: [{ by: 'all' }] });
      const signature = signCacheWebhook(SECRET, body);
      expect((await call(app, body, signature)).status).toBe(200);
      expect((await call(app, body, signature)).status).toBe(409);
    } finally {
      await server.stop();
    }
  });
});
