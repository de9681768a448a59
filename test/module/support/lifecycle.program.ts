/** An application in a process of its own, which has to end by itself once all is said and done. */

import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Injectable, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { Cacheable, CacheService, RedisCacheModule, runWithTenant } from 'nestjs-redis-cache';

/** What the process is to do, and with which server; none for a cache in memory. */
export interface LifecycleRequest {
  readonly scenario: keyof typeof SCENARIOS;
  readonly url?: string;
  readonly prefix: string;
}

@Injectable()
class LeadService {
  @Cacheable('lead')
  async byId(id: string): Promise<string> {
    return Promise.resolve(`lead ${id}`);
  }
}

@Injectable()
class Failing {
  constructor() {
    throw new Error('cannot be made');
  }
}

@Injectable()
class WronglyCached {
  @Cacheable('lead', { jitter: 80 })
  async byId(): Promise<string> {
    return Promise.resolve('lead');
  }
}

const { scenario, url, prefix } = JSON.parse(process.argv[2] ?? '') as LifecycleRequest;

async function boot(providers: (new () => object)[], client?: Redis) {
  const connection = client ?? (url !== undefined && { url });
  const cache = RedisCacheModule.forRoot({ connection, prefix, timeouts: { close: '1s' } });
  @Module({ imports: [cache], providers })
  class AppModule {}
  return NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
}

/** Why the application does not boot. */
async function refusal(providers: (new () => object)[]): Promise<object> {
  try {
    await boot(providers);
    return { error: 'none' };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function lead(app: INestApplicationContext): Promise<string> {
  return runWithTenant('acme', () => app.get(LeadService).byId('1'));
}

function modeOf(app: INestApplicationContext): string {
  return app.get(CacheService).getStats().mode;
}

/** Connections that are open; one that has just been destroyed is still listed in the same turn. */
async function sockets(): Promise<number> {
  await setImmediate();
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
}

async function connected(app: INestApplicationContext): Promise<void> {
  if (modeOf(app) === 'redis') return;
  await new Promise<void>((resolve) => {
    app.get(CacheService).on('state', ({ to }) => {
      if (to.kind === 'ready') resolve();
    });
  });
}

const SCENARIOS = {
  /** Closed at once, whatever the connection is about. */
  async 'closed at once'() {
    const app = await boot([LeadService]);
    const answer = await lead(app);
    await app.close();
    return { answer };
  },

  /** Closed twice and used after it. */
  async 'used after the end'() {
    const app = await boot([LeadService]);
    await app.close();
    await app.close();
    return { answer: await lead(app) };
  },

  async 'closed while connected'() {
    const app = await boot([LeadService]);
    await connected(app);
    const answers = [await lead(app), await lead(app)];
    await app.close();
    return { answers, sockets: await sockets() };
  },

  /** The test does something to the server in between. */
  async 'closed when told'() {
    const app = await boot([LeadService]);
    await connected(app);
    process.send?.('connected');
    await once(process, 'message');
    const answer = await lead(app);
    const mode = modeOf(app);
    await app.close();
    return { answer, mode, sockets: await sockets() };
  },

  async 'closed while it loads'() {
    const app = await boot([LeadService]);
    const caches = app.get(CacheService).forTenant('acme');
    let begin: () => void;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const loading = caches.wrap('k', async ({ signal }) => {
      begin();
      await once(signal, 'abort');
      return (signal.reason as Error).message;
    });
    await begun;
    await app.close();
    return { answer: await loading };
  },

  async "with a client of the user's"() {
    const client = new Redis(url as string);
    const app = await boot([LeadService], client);
    await connected(app);
    await lead(app);
    await app.close();
    const pong = await client.ping();
    await client.quit();
    return { pong };
  },

  async 'with a provider that cannot be made'() {
    return refusal([LeadService, Failing]);
  },

  async 'with a decorator that is wrong'() {
    return refusal([WronglyCached]);
  },
};

void SCENARIOS[scenario]().then((outcome) => {
  // The channel to the test keeps a process alive, too.
  process.send?.(outcome, undefined, undefined, () => {
    process.disconnect();
  });
});
