import { Controller, Post, type Type } from '@nestjs/common';
import { runWithTenant } from 'nestjs-redis-cache';
import {
  RATE_LIMITS,
  RateLimited,
  RateLimiter,
  type RateLimit,
} from 'nestjs-redis-cache/throttler';
import { RawRedis } from '../integration/support/raw-redis.js';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { GuideApps, type Answer, type GuideApp } from './guide-app.js';
import { describeGuide } from './guide.js';
import { blocksOf, sectionOf, tableOf } from './markdown.js';
import { SignInModule } from './sign-in.module.js';

interface Requests {
  readonly AppModule: Type;
}

interface AnythingElse {
  readonly ChatGateway: Type<{
    onMessage(userId: string, text: string): Promise<string>;
    unlock(address: string): Promise<void>;
  }>;
}

const TOO_MANY = { statusCode: 429, message: 'ThrottlerException: Too Many Requests' };
const ada = { 'x-tenant': 'acme', 'x-user': 'user-1' };
const post = (app: GuideApp, path: string, headers: Record<string, string> = {}) =>
  app.ask(path, { method: 'POST', headers });

describeGuide('docs/rate-limits.md', (guide) => {
  const apps = new GuideApps();
  const requests = guide.program<Requests>('Requests');
  const anythingElse = guide.program<AnythingElse>('Anything else');

  async function boot(logger = new RecordingLogger()) {
    const { ChatGateway } = anythingElse.run();
    const imports = [SignInModule, requests.run().AppModule];
    const app = await apps.boot({ imports, providers: [ChatGateway] }, logger);
    return { app, gateway: app.nest.get(ChatGateway), limiter: app.nest.get(RateLimiter) };
  }

  /** Names of all keys, as they stand under the prefix that the guide has. */
  async function keysInRedis(): Promise<string[]> {
    const raw = new RawRedis(String(process.env.REDIS_URL), apps.prefix);
    const keys = await raw.scan();
    await raw.close();
    return keys.map((key) => key.replace(apps.prefix, 'crm')).sort();
  }

  const shownUnder = (heading: string) =>
    blocksOf(sectionOf(guide.text, heading)).find(({ language }) => language === 'text')?.code ??
    '';

  it('lets each user of each tenant send 20 messages a minute, by request or otherwise', async () => {
    const { app, gateway } = await boot();
    const inAcme = () => runWithTenant('acme', () => gateway.onMessage('user-1', 'hello'));
    expect(limitsIn(await post(app, '/messages', ada))).toEqual({
      'x-ratelimit-limit-chat': '20',
      'x-ratelimit-remaining-chat': '19',
      'x-ratelimit-reset-chat': '60',
    });
    expect(await inAcme()).toBe('hello (18 left)');
    for (let call = 0; call < 18; call += 1) await post(app, '/messages', ada);

    const refused = await post(app, '/messages', ada);
    expect(refused).toMatchObject({ status: 429, body: TOO_MANY });
    const limits = limitsIn(refused);
    expect(Object.keys(limits)).toEqual(['retry-after-chat']);
    expect(await inAcme()).toMatch(/^Try again in (60|5\d) s$/);

    for (const other of [
      { ...ada, 'x-tenant': 'globex' },
      { ...ada, 'x-user': 'user-2' },
    ]) {
      expect(await post(app, '/messages', other)).toMatchObject({ status: 201, body: 'sent' });
    }
  });

  it('shuts an address out that signs in too often, and limits nothing that it does not name', async () => {
    const { app } = await boot();
    for (let call = 0; call < 5; call += 1) {
      expect(await post(app, '/login')).toMatchObject({ status: 201, body: 'welcome' });
    }
    const refused = await post(app, '/login', ada);
    expect(refused).toMatchObject({ status: 429, body: TOO_MANY });
    expect(limitsIn(refused)).toEqual({ 'retry-after-auth': '900' });
    expect(await keysInRedis()).toEqual([
      'crm:{/!auth/127.0.0.1}:block',
      'crm:{/!auth/127.0.0.1}:calls',
    ]);
    const status = await app.ask('/status');
    expect([status.body, limitsIn(status)]).toEqual(['well', {}]);
  });

  it('answers 500 to whom nothing tells apart, and logs what to do', async () => {
    const logger = new RecordingLogger();
    const { app } = await boot(logger);
    const [{ 'x-tenant': _tenant, ...noTenant }, { 'x-user': _user, ...noUser }] = [ada, ada];
    for (const headers of [noTenant, noUser]) {
      expect((await post(app, '/messages', headers)).status).toBe(500);
    }
    expect(logger.of('error').map(([error]) => (error as Error).name)).toEqual([
      'TenantMissingError',
      'InvalidCacheKeyError',
    ]);
    expect(await keysInRedis()).toEqual([]);
  });

  it('does not boot with a route under a name that no throttler has', async () => {
    @Controller('uploads')
    class UploadController {
      @Post()
      @RateLimited('upload')
      take(): string {
        return 'taken';
      }
    }
    const imports = [requests.run().AppModule];
    await expect(apps.boot({ imports, controllers: [UploadController] })).rejects.toThrow('upload');
  });

  it('forgets who was shut out', async () => {
    const { gateway, limiter } = await boot();
    const signIns = {
      name: 'sign-in',
      limit: 5,
      window: '15m',
      block: '1h',
      scope: 'global',
    } as const;
    for (let call = 0; call < 5; call += 1) await limiter.consume('192.0.2.1', signIns);
    expect(await limiter.consume('192.0.2.1', signIns)).toMatchObject({ blocked: true });
    await gateway.unlock('192.0.2.1');
    expect(await limiter.peek('192.0.2.1', signIns)).toMatchObject({ remaining: 5 });
    expect(await keysInRedis()).toEqual([]);
  });

  it('answers with the fields that the guide shows, and keeps the keys that it shows', async () => {
    const { limiter } = await boot();
    const once = { name: 'chat', limit: 1, window: '1m', block: '1m' } as const;
    const consume = () => limiter.consume('user-1', once, { tenant: 'acme' });
    const answers = [await consume(), await consume()];
    const shown = shownUnder('Anything else').trimEnd().split('\n');
    expect(answers.map(fieldsOfAnswer)).toEqual(shown.map(fieldsShown));
    const keys = shownUnder('How it counts').matchAll(/^\S+/gm);
    expect(await keysInRedis()).toEqual([...keys].map(([key]) => key).sort());
  });

  it('has the limits that the guide lists', () => {
    const listed = tableOf(sectionOf(guide.text, 'A limit'), 'limit');
    const windows: Record<string, string> = { '1m': 'a minute', '15m': 'in 15 minutes' };
    const there = Object.values<RateLimit>(RATE_LIMITS).map(
      ({ name, limit, window, block, scope = 'tenant' }) => [
        `\`${name}\``,
        `${limit} calls ${windows[window]}`,
        block === undefined ? '–' : String(block).replace('m', ' min'),
        scope,
      ],
    );
    expect(listed).toEqual(there);
  });
});

function limitsIn({ headers }: Answer): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => /ratelimit|retry/.test(name)));
}

function fieldsOfAnswer(answer: object): string[] {
  return Object.keys(answer).sort();
}

/** `refused  { allowed: false, limit }` has two. */
function fieldsShown(line: string): string[] {
  const [, fields = ''] = /\{ (.*) \}/.exec(line) ?? [];
  return fields
    .split(', ')
    .map((field) => field.replace(/:.*/, ''))
    .sort();
}
