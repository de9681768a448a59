import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { CacheMode } from 'nestjs-redis-cache';
import { RedisServerProcess } from '../../support/redis/redis-server.js';
import { eventually, within } from './eventually.js';
import { CLOSE_TIMEOUT_MS, COMMAND_TIMEOUT_MS, OutageApp } from './outage-app.js';
import { METHOD_MS } from './quote.service.js';
import { TIERS } from './tiers.js';

/** What happens to a Redis, and how it ends. */
export interface Outage {
  readonly name: string;
  /** How the cache works meanwhile. */
  readonly mode: CacheMode;
  /** How long callers go on while it lasts. */
  readonly lastsMs: number;
  strike(server: RedisServerProcess, admin: Redis): unknown;
  heal(server: RedisServerProcess, admin: Redis): unknown;
}

const WARM_UP_MS = 200;
const RECOVERED_MS = 200;
/** Timers, and the steps of the way that are not Redis. */
const SLACK_MS = 50;
const NOTICED_WITHIN_MS = 2_000;
const RECOVERED_WITHIN_MS = 6_000;
const CLOSE_SLACK_MS = 500;

/** What callers, counters and the application's end look like in such an outage. */
export function outageContract({ name, mode, lastsMs, strike, heal }: Outage): void {
  describe.each(TIERS)(`a Redis that ${name}, with %s`, (_tiers, _word, policy) => {
    let server: RedisServerProcess;
    let admin: Redis;
    /** Under load all the time. */
    let app: OutageApp;
    /** Those two are closed amid the outage: this one has seen nothing of it… */
    let idle: OutageApp;
    /** … and this one has. */
    let aware: OutageApp;

    beforeAll(async () => {
      server = await RedisServerProcess.start();
      admin = new Redis(server.url);
      admin.on('error', () => undefined);
      const boot = () => OutageApp.boot({ url: server.url }, policy);
      [app, idle, aware] = await Promise.all([boot(), boot(), boot()]);
      await Promise.all([app, idle, aware].map((each) => each.inMode('redis')));
    });
    afterAll(async () => {
      server.resume();
      admin.disconnect();
      await Promise.all([app, idle, aware].map((each) => each.close()));
      await server.stop();
    });

    it('costs its callers no error and little time, and is used again afterwards', async () => {
      const load = app.load();
      await sleep(WARM_UP_MS);
      await strike(server, admin);
      await sleep(lastsMs);
      await within(NOTICED_WITHIN_MS, `in mode ${mode}`, app.inMode(mode));
      await aware.asTenant(() => aware.quotes.byId('to see'));
      if (mode === 'fallback') {
        await within(NOTICED_WITHIN_MS, `aware of ${mode}`, aware.inMode(mode));
        expect(await aware.medianOfMissesMs(500)).toBeLessThan(1);
      }
      for (const each of [idle, aware]) {
        expect(await each.close()).toBeLessThan(CLOSE_TIMEOUT_MS + CLOSE_SLACK_MS);
      }

      await heal(server, admin);
      await within(RECOVERED_WITHIN_MS, 'in mode redis', app.inMode('redis'));
      await sleep(RECOVERED_MS);
      const { errors, slowestMs } = await load.stop();
      expect(errors).toEqual([]);
      const allowedMs = METHOD_MS + COMMAND_TIMEOUT_MS + SLACK_MS;
      expect(slowestMs['cold read']).toBeLessThan(allowedMs);
      expect(slowestMs.eviction).toBeLessThan(allowedMs);
      // A put that another write has overtaken evicts, which has a time of its own; and who reads what
      // is just being written waits for it.
      expect(slowestMs.put).toBeLessThan(allowedMs + COMMAND_TIMEOUT_MS);
      expect(slowestMs['hot read']).toBeLessThan(allowedMs + COMMAND_TIMEOUT_MS);
      expect(app.caches.getStats()).toMatchObject({ mode: 'redis', flights: 0 });

      await app.close();
      const connections = async () =>
        String(await admin.client('LIST'))
          .trim()
          .split('\n').length;
      await eventually('no connection is left but ours', async () => (await connections()) === 1);
    });
  });
}
