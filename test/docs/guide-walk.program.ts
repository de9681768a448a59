/** Runs the code of docs/migrating-from-maps.md, before and after; the spec beside it starts this. */

import { NestFactory } from '@nestjs/core';
import { CacheService } from 'nestjs-redis-cache';
import type { MigratingMap, MigrationMode } from 'nestjs-redis-cache/migration';
import { inMode } from '../integration/support/cache-app.js';

type MaybeAsync<T> = T | Promise<T>;

interface Memory {
  addTurn(organization: string, conversation: string, turn: string): MaybeAsync<unknown>;
  summary(organization: string, conversation: string): Promise<string>;
  link(organization: string, phone: string, leadId: string): MaybeAsync<void>;
  leadOf(organization: string, phone: string): MaybeAsync<string | undefined>;
  phoneOf(organization: string, leadId: string): MaybeAsync<string | undefined>;
  end(organization: string, conversation: string): MaybeAsync<void>;
}

interface MigratingMemory extends Memory {
  readonly contexts: MigratingMap<string, unknown>;
  readonly summaries: MigratingMap<string, unknown>;
  readonly leads: MigratingMap<string, unknown>;
}

/** What the guide has in place of Maps only. */
export interface Before {
  readonly ConversationMemory: new (summarizer: object) => Memory;
}

export interface After {
  readonly ConversationMemory: new (...args: never[]) => MigratingMemory;
  readonly MemoryModule: new () => object;
  readonly moveIntoCache: (memory: MigratingMemory) => Promise<void>;
}

/** Answers of a service, and what its steps have come to. */
export interface Walked {
  readonly old: unknown[];
  readonly byMode: Record<string, unknown[]>;
  readonly whole: {
    readonly answers: unknown[];
    readonly modes: string[];
    readonly inMaps: number;
  };
  /** What is answered in each mode on the way back. */
  readonly back: Record<string, unknown[]>;
  readonly byEnvironment: MigrationMode;
}

const ORGANIZATIONS = ['acme', 'globex'];
const ORDER: MigrationMode[] = ['map-only', 'shadow', 'cache-first', 'cache-only'];

const mapsOf = ({ contexts, summaries, leads }: MigratingMemory) => [contexts, summaries, leads];

async function fill(memory: Memory): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const organization of ORGANIZATIONS) {
    for (const turn of ['hello', `this is ${organization}`]) {
      // The old code gives out the object that its Map has, which goes on changing.
      answers.push(structuredClone(await memory.addTurn(organization, '1', turn)));
    }
    await memory.addTurn(organization, '2', 'and goodbye');
    await memory.link(organization, '+1555', `lead-of-${organization}`);
  }
  return answers;
}

async function look(memory: Memory): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const organization of ORGANIZATIONS) {
    answers.push(await memory.summary(organization, '1'), await memory.summary(organization, '1'));
    answers.push(
      await memory.leadOf(organization, '+1555'),
      await memory.leadOf(organization, '+1'),
    );
    answers.push(await memory.phoneOf(organization, `lead-of-${organization}`));
  }
  return answers;
}

async function end(memory: Memory): Promise<unknown[]> {
  await memory.end('acme', '1');
  return [await memory.summary('acme', '1'), await memory.summary('globex', '1')];
}

const all = async (memory: Memory) => [
  ...(await fill(memory)),
  ...(await look(memory)),
  ...(await end(memory)),
];

/** A new process, as far as it knows: on the same Redis, where nothing is left of the one before. */
async function boot({ MemoryModule, ConversationMemory }: After) {
  const app = await NestFactory.createApplicationContext(MemoryModule, { logger: false });
  const caches = app.get(CacheService);
  await inMode(caches, 'redis');
  await caches.flush();
  return { app, memory: app.get(ConversationMemory) };
}

async function upTo(memory: MigratingMemory, mode: MigrationMode): Promise<void> {
  for (const step of ORDER.slice(0, ORDER.indexOf(mode) + 1)) {
    for (const map of mapsOf(memory)) await map.switchTo(step);
  }
}

async function walkWhole(after: After): Promise<Pick<Walked, 'whole' | 'back'>> {
  const { app, memory } = await boot(after);
  const answers = await fill(memory);
  await upTo(memory, 'shadow');
  answers.push(...(await look(memory)));
  for (const map of mapsOf(memory)) await map.idle();
  await after.moveIntoCache(memory);
  const modes = mapsOf(memory).map(({ mode }) => mode);
  const inMaps = mapsOf(memory).reduce((sum, map) => sum + (map.statistics().inMap ?? 0), 0);
  const back: Record<string, unknown[]> = {};
  for (const mode of ['cache-first', 'shadow', 'map-only'] as const) {
    const leaveBehind = mode === 'map-only';
    for (const map of mapsOf(memory)) await map.switchTo(mode, { leaveBehind });
    back[mode] = await look(memory);
  }
  answers.push(...(await end(memory)));
  await app.close();
  return { whole: { answers, modes, inMaps }, back };
}

/** Prints what it has seen, for the spec. */
export async function walk(before: Before, after: After): Promise<void> {
  const summarize = (turns: string[]) =>
    Promise.resolve(`${turns.length} turns, the last: ${turns.at(-1)}`);
  const old = await all(new before.ConversationMemory({ summarize }));
  const byMode: Walked['byMode'] = {};
  for (const mode of ORDER) {
    const { app, memory } = await boot(after);
    await upTo(memory, mode);
    byMode[mode] = await all(memory);
    await app.close();
  }
  const walked = await walkWhole(after);
  process.env.CACHE_MIGRATION_CONVERSATION_CONTEXT = 'shadow';
  const { app, memory } = await boot(after);
  const byEnvironment = memory.contexts.mode;
  await app.close();
  process.stdout.write(JSON.stringify({ old, byMode, ...walked, byEnvironment } satisfies Walked));
}
