/** Runs the code of docs/migrating-from-cache-manager.md; the spec beside it starts this. */

import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheService, RedisCacheModule, runWithTenant } from 'nestjs-redis-cache';
import { inMode } from '../integration/support/cache-app.js';

/** What the steps of the guide export, one after the other. */
interface Swap {
  readonly OldAppModule: Type;
  readonly AppModule: Type;
}

interface Decorated {
  readonly DecoratedLeadService: Type<{
    byPhone(phone: string): Promise<unknown>;
    changed(phone: string): Promise<void>;
  }>;
}

interface WithKeyv {
  readonly Sessions: Type<{
    readonly keyv: {
      get(key: string): Promise<unknown>;
      set(key: string, value: unknown): unknown;
    };
  }>;
}

/** Answers of the routes of the guide, by who asks. */
export interface Walked {
  readonly old: unknown[];
  readonly swapped: unknown[];
  readonly otherTenant: unknown[];
  readonly decorated: unknown[];
  readonly keyv: unknown[];
}

async function serve(module: Type) {
  const app = await NestFactory.create(module, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const ask = async (organization: string, path: string, method = 'GET') => {
    const headers = { 'x-organization': organization };
    const text = await (await fetch(`${url}/leads/${path}`, { method, headers })).text();
    return text === '' ? null : (JSON.parse(text) as unknown);
  };
  const answers = async (organization: string) => [
    await ask(organization, '1'),
    await ask(organization, '1'),
    await ask(organization, '1/changes', 'POST'),
    await ask(organization, '1'),
    await ask(organization, '2/report'),
  ];
  return { app, answers };
}

async function walkSwap({ OldAppModule, AppModule }: Swap) {
  const before = await serve(OldAppModule);
  const old = await before.answers('acme');
  await before.app.close();
  const after = await serve(AppModule);
  await inMode(after.app.get(CacheService), 'redis');
  const swapped = await after.answers('acme');
  const otherTenant = await after.answers('globex');
  await after.app.close();
  return { old, swapped, otherTenant };
}

async function walkProviders({ DecoratedLeadService }: Decorated, { Sessions }: WithKeyv) {
  class ProvidersModule {}
  const app = await NestFactory.createApplicationContext(
    {
      module: ProvidersModule,
      imports: [RedisCacheModule.forRoot({ connection: false })],
      providers: [DecoratedLeadService, Sessions],
    },
    { logger: false },
  );
  const leads = app.get(DecoratedLeadService);
  const { keyv } = app.get(Sessions);
  const walked = await runWithTenant('acme', async () => {
    const decorated = [await leads.byPhone('1'), await leads.byPhone('1')];
    await leads.changed('1');
    decorated.push(await leads.byPhone('1'));
    await keyv.set('k', 'v');
    return { decorated, keyv: [await keyv.get('k')] };
  });
  walked.keyv.push((await runWithTenant('globex', () => keyv.get('k'))) ?? null);
  await app.close();
  return walked;
}

/** Prints what it has seen, for the spec. */
export async function walk(swap: Swap, decorated: Decorated, withKeyv: WithKeyv): Promise<void> {
  const walked = { ...(await walkSwap(swap)), ...(await walkProviders(decorated, withKeyv)) };
  process.stdout.write(`\n${JSON.stringify(walked satisfies Walked)}`);
}
