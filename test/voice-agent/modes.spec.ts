import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import type { HealthCheckResult } from '@nestjs/terminus';
import Redis from 'ioredis';
import { CacheRolloutService, CacheService } from 'nestjs-redis-cache';
import { startupBanner } from '../../apps/voice-agent/src/startup-banner.js';
import type { LeadJson } from './json.js';
import { ACME, sampleDatabase, VoiceAgent } from './voice-agent.js';

const URL = 'http://127.0.0.1:3000';

describe('the app', () => {
  let agent: VoiceAgent | undefined;

  const start = async (environment: Parameters<typeof VoiceAgent.start>[0]) => {
    agent = await VoiceAgent.start(environment);
    return agent;
  };
  const stop = async () => {
    await agent?.stop();
    agent = undefined;
  };
  const queriesOfSecondRead = async (app: VoiceAgent) => {
    const read = () => app.as(ACME).get('/leads/lead_0007');
    const first = await read();
    return app.queriesDuring(async () => expect(await read()).toEqual(first));
  };

  beforeEach(() => {
    // What is wrong on purpose here need not show up in the output.
    jest.spyOn(Logger.prototype, 'error').mockImplementation();
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  });

  afterEach(stop);

  it('runs on the memory of its process with REDIS_ENABLED=false and no REDIS_URL', async () => {
    const app = await start({ REDIS_ENABLED: 'false', REDIS_URL: '' });
    expect(await queriesOfSecondRead(app)).toBe(0);
    await app.as(ACME).patch('/leads/lead_0007', { lastName: 'Changed' });
    expect((await app.as(ACME).get<LeadJson>('/leads/lead_0007')).body.lastName).toBe('Changed');
    const { status, body } = await app.request<HealthCheckResult>('GET', '/health');
    expect([status, body.details.cache]).toEqual([
      200,
      { status: 'up', mode: 'memory', persistence: 'up' },
    ]);
    expect(startupBanner(app.app, URL)).toMatch(/Cache +memory of this process \(\S+\)\n/);
  });

  it('keeps entries in memory with REDIS_ENABLED=false, and tells the Redis at REDIS_URL what it evicts', async () => {
    const app = await start({ REDIS_ENABLED: 'false' });
    await app.untilTold();
    expect(await queriesOfSecondRead(app)).toBe(0);
    const { total } = app.app.get(CacheService).getStats();
    expect([total.nearHits > 0, total.farHits, total.leasesWon]).toEqual([true, 0, 0]);
    expect((await app.health()).details.cache).toEqual({
      status: 'up',
      mode: 'memory',
      evictions: 'told',
      latencyMs: expect.any(Number) as number,
      persistence: 'up',
    });
    expect(startupBanner(app.app, URL)).toMatch(/Cache +memory .*, evictions told to Redis at/);
  });

  it('caches nothing with CACHE_ENABLED=false', async () => {
    const app = await start({ CACHE_ENABLED: 'false' });
    expect(await queriesOfSecondRead(app)).toBe(2); // whose key this is, and the lead
  });

  it('serves nothing from before once it was run with CACHE_ENABLED=false, and a cache for some alone', async () => {
    const CACHE_PREFIX = `${String(process.env.TEST_RUN_PREFIX)}:modes-${randomUUID()}`;
    const name = async () =>
      (await agent?.as(ACME).get<LeadJson>('/leads/lead_0007'))?.body.lastName;
    const before = await start({ CACHE_PREFIX });
    await before.untilConnected();
    await before.as(ACME).patch('/leads/lead_0007', { lastName: 'Changed' });
    expect([await name(), await name()]).toEqual(['Changed', 'Changed']);
    await stop();
    // Each has a database of its own, in which nobody has changed it: as a restored one would be.
    const off = await start({ CACHE_PREFIX, CACHE_ENABLED: 'false' });
    await off.untilConnected();
    const original = await name();
    expect(original).not.toBe('Changed');
    await stop();
    const CACHE_HISTORY_TENANTS = 'acme-solar, ';
    const again = await start({ CACHE_PREFIX, CACHE_HISTORY_TENANTS });
    await again.untilConnected();
    expect([await name(), await name()]).toEqual([original, original]);
    const rollout = again.app.get(CacheRolloutService);
    const histories = (tenant: string) => rollout.modeOf('conversation.history', tenant);
    expect([histories('acme-solar'), histories('borealis-air')]).toEqual(['on', 'off']);
  });

  it('starts and answers while Redis is away', async () => {
    const app = await start({ REDIS_URL: 'redis://user:secret@127.0.0.1:1' });
    expect(await queriesOfSecondRead(app)).toBe(0);
    const { status, body } = await app.request<HealthCheckResult>('GET', '/health');
    expect(status).toBe(200);
    expect(body.details.cache).toMatchObject({ status: 'up', mode: 'fallback' });
    expect(JSON.stringify(body) + startupBanner(app.app, URL)).not.toContain('secret@');
  });

  it('brings its own Valkey where no Redis is given, and takes it along when it stops', async () => {
    const app = await start({ REDIS_URL: '', CACHE_PREFIX: 'embedded' });
    await app.untilConnected();
    await app.as(ACME).get('/leads/lead_0007');

    const url = /Valkey embedded at (\S+)/.exec(startupBanner(app.app, URL))![1]!;
    const redis = new Redis(url, { retryStrategy: () => null });
    const closed = new Promise((resolve) => redis.once('end', resolve));
    expect(await redis.exists('embedded:{acme-solar/lead.byId@1/lead_0007}')).toBe(1);
    await stop();
    await closed;
  });

  describe('with its database in a folder', () => {
    let folder: string;
    let remove: () => Promise<void>;

    beforeEach(async () => {
      ({ folder, remove } = await sampleDatabase());
    });

    afterEach(async () => {
      await stop();
      await remove();
    });

    it('finds it again, and lets no second app in', async () => {
      const settings = { PGLITE_DIR: folder, REDIS_ENABLED: 'false', REDIS_URL: '' };
      const first = await start(settings);
      await first.as(ACME).patch('/leads/lead_0007', { lastName: 'Kept' });
      await expect(VoiceAgent.start(settings)).rejects.toThrow(
        `is in use by process ${process.pid}`,
      );
      await stop();

      await writeFile(`${folder}.lock`, '999999999'); // left by a process that was killed
      const second = await start(settings);
      expect((await second.as(ACME).get<LeadJson>('/leads/lead_0007')).body.lastName).toBe('Kept');
      await stop();
      await expect(readFile(`${folder}.lock`)).rejects.toThrow('ENOENT');
    });
  });

  it('tells what to try first, with keys and numbers that work', async () => {
    const app = await start({
      ELEVENLABS_WEBHOOK_SECRET: 'development-webhook-secret',
      OPERATOR_KEY: 'development-operator-key',
    });
    const banner = startupBanner(app.app, URL);
    const commands = [...banner.matchAll(/^ +curl (\S+)(.*)$/gm)];
    expect(commands).toHaveLength(3);
    for (const [, url, options] of commands) {
      const headers = [...options!.matchAll(/-H '(\S+): (\S+)'/g)].map(([, name, value]) => [
        name,
        value,
      ]);
      const body = /-d '(.*)'/.exec(options!)?.[1];
      const answer = await app.request(
        body ? 'POST' : 'GET',
        url!.slice(URL.length),
        Object.fromEntries(headers),
        body,
      );
      expect([url, answer.status]).toEqual([url, 200]);
    }
    expect(banner).toContain('ELEVENLABS_WEBHOOK_SECRET is not set');
    expect(banner).toContain('OPERATOR_KEY is not set');
  });

  it.each([
    ['PORT', '70000'],
    ['DATABASE_URL', 'mysql://127.0.0.1/x'],
    ['REDIS_URL', '127.0.0.1:6379'],
    ['REDIS_ENABLED', 'perhaps'],
    ['ELEVENLABS_WEBHOOK_SECRET', 'short'],
  ] as const)('does not start with a wrong %s, and names it', async (name, value) => {
    await expect(VoiceAgent.start({ PGLITE_DIR: 'memory://', [name]: value })).rejects.toThrow(
      name,
    );
  });
});
