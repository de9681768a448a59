import { randomUUID } from 'node:crypto';
import type { INestApplication, Type } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { signCacheWebhook } from 'nestjs-redis-cache/admin';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { entriesInRedis } from './entries-in-redis.js';
import { GuideApps, type GuideApp } from './guide-app.js';
import { describeGuide } from './guide.js';
import { blocksOf, sectionOf } from './markdown.js';
import { hasPrograms, runShell } from './shell.js';

interface Routes {
  readonly AppModule: Type;
  readonly AppWithWebhookModule: Type;
  readonly create: () => Promise<INestApplication>;
}

interface Sender {
  readonly evictLead: (url: string, secret: string, phone: string) => Promise<void>;
}

interface Description {
  readonly describeApi: (app: INestApplication) => OpenAPIObject;
}

const KEY = randomUUID();
const SECRET = randomUUID();
const PHONE = '+15551234567';
const LEAD = `/admin/cache/entries?cache=lead.byPhone&tenant=acme&key=${encodeURIComponent(PHONE)}`;
const itWithPrograms = hasPrograms('openssl', 'curl') ? it : it.skip;
const operator = { 'x-operator-key': KEY };

describeGuide('docs/admin.md', (guide) => {
  const apps = new GuideApps();
  const routes = guide.program<Routes>('Admin');
  const sender = guide.program<Sender>('The webhook');
  const description = guide.program<Description>('OpenAPI');
  const shown = (language: string) => {
    const blocks = blocksOf(sectionOf(guide.text, 'The webhook'));
    return blocks.find((block) => block.language === language)?.code ?? '';
  };

  beforeEach(() => {
    process.env.OPERATOR_KEY = KEY;
    process.env.WEBHOOK_SECRET = SECRET;
  });

  const leadsOf = ({ caches }: GuideApp) => caches.forTenant('acme').cache('lead.byPhone');
  const storedLead = '{acme/lead.byPhone@1/+15551234567}';

  it('has routes and a page that operators alone reach', async () => {
    const app = await apps.boot({ imports: [routes.run().AppModule] });
    await leadsOf(app).set(PHONE, 'Ada');

    const strangers: Record<string, string>[] = [{}, { 'x-operator-key': 'another' }];
    for (const headers of strangers) {
      const refused = await app.ask(LEAD, { method: 'DELETE', headers });
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
      expect(refused.body).toEqual({
        type: 'about:blank',
        title: 'Unauthorized',
        status: 401,
        detail: 'Unauthorized',
        instance: '/admin/cache/entries',
      });
      expect((await app.ask('/admin/cache', { headers })).status).toBe(401);
    }
    delete process.env.OPERATOR_KEY;
    expect((await app.ask(LEAD, { method: 'DELETE' })).status).toBe(401);
    process.env.OPERATOR_KEY = KEY;
    expect(await entriesInRedis(apps.prefix)).toEqual([storedLead]);

    const evicted = await app.ask(LEAD, { method: 'DELETE', headers: operator });
    expect(evicted).toMatchObject({ status: 200, body: { existed: true } });
    expect(await entriesInRedis(apps.prefix)).toEqual([]);
    const session = await app.ask('/admin/cache/session', { headers: operator });
    expect(session.body).toEqual({ principal: { kind: 'operator' }, values: false });
    const page = await app.ask('/admin/cache', { headers: operator });
    expect(page.headers.get('content-type')).toContain('text/html');
    const webhook = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    expect((await app.ask('/admin/cache/webhook', webhook)).status).toBe(404);
  });

  describe('the webhook', () => {
    const boot = async () => {
      const app = await apps.listen(await routes.run().create());
      return { app, url: `${app.url}/admin/cache/webhook` };
    };

    it('evicts what the sender signs, and tells it what was refused', async () => {
      const { app, url } = await boot();
      const { evictLead } = sender.run();
      await leadsOf(app).set(PHONE, 'Ada');
      await expect(evictLead(url, 'a secret that is another', PHONE)).rejects.toThrow(
        'The eviction was answered 401',
      );
      expect(await entriesInRedis(apps.prefix)).toEqual([storedLead]);
      await evictLead(url, SECRET, PHONE);
      expect(await entriesInRedis(apps.prefix)).toEqual([]);
      expect(await leadsOf(app).get(PHONE)).toBeUndefined();
    });

    it('takes all that the guide shows, and a signature once', async () => {
      const { app, url } = await boot();
      const body = shown('json');
      await leadsOf(app).set('another', 1);
      await app.caches.cache('settings').set('theme', 'dark');
      const headers = {
        'content-type': 'application/json',
        'x-cache-signature': signCacheWebhook(SECRET, body),
      };
      const send = async () => (await fetch(url, { method: 'POST', headers, body })).status;
      expect([await send(), await send()]).toEqual([200, 409]);
      expect(await leadsOf(app).get('another')).toBeUndefined();
      expect(await app.caches.cache('settings').get('theme')).toBeUndefined();
    });

    itWithPrograms('takes what a shell signs', async () => {
      const { app, url } = await boot();
      await leadsOf(app).set(PHONE, 'Ada');
      const answer = await runShell(shown('sh'), { URL: url, SECRET });
      expect(JSON.parse(answer)).toEqual({ applied: 1 });
      expect(await leadsOf(app).get(PHONE)).toBeUndefined();
    });

    it('says what is missing where the application does not keep what it received', async () => {
      const logger = new RecordingLogger();
      const { AppWithWebhookModule } = routes.run();
      const app = await apps.boot({ imports: [AppWithWebhookModule] }, logger);
      const url = `${app.url}/admin/cache/webhook`;
      await expect(sender.run().evictLead(url, SECRET, PHONE)).rejects.toThrow('answered 501');
      expect(String(logger.of('error')[0])).toContain('rawBody: true');
    });

    it('stops the boot where its variable is not set', async () => {
      delete process.env.WEBHOOK_SECRET;
      const imports = [routes.run().AppWithWebhookModule];
      await expect(apps.boot({ imports })).rejects.toThrow(
        `secrets[0] of webhook of RedisCacheAdminModule is ''`,
      );
    });
  });

  it('has a document with the routes beside those of the application', async () => {
    const app = await apps.boot({ imports: [routes.run().AppModule] });
    const { paths, components } = description.run().describeApi(app.nest);
    expect(Object.keys(paths['/admin/cache/entries'] ?? {})).toEqual(['get', 'put', 'delete']);
    const referred = JSON.stringify(paths).matchAll(/"#\/components\/schemas\/(\w+)"/g);
    const schemas = new Set(Object.keys(components?.schemas ?? {}));
    expect([...referred].filter(([, name = '']) => !schemas.has(name))).toEqual([]);
  });
});
