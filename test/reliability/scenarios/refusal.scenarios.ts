import type { Redis } from 'ioredis';
import { scenario, type Scenario } from '../scenario.js';
import { SingleServer } from '../stages.js';

/** So far below what is in use that entries and stamps have to go. */
const BYTES_TOO_FEW = 20_000;
const SHRINKS_AT_MOST = 50;

/** The server answers, and refuses. */
export const REFUSAL_SCENARIOS: readonly Scenario[] = [
  scenario({
    name: 'the server becomes a replica (READONLY)',
    stage: () => SingleServer.start(),
    mode: 'fallback',
    told: /READONLY/,
    // Of a master that is not there: what it has is served all the same.
    strike: ({ admin }) => admin.replicaof('127.0.0.1', 1),
    heal: ({ admin }) => admin.replicaof('NO', 'ONE'),
  }),
  scenario({
    name: 'the server wants a password all at once (NOAUTH)',
    stage: () => SingleServer.start(),
    mode: 'fallback',
    told: /NOAUTH/,
    strike: async ({ admin }) => {
      await admin.config('SET', 'requirepass', 'secret');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
    },
    heal: ({ admin }) => admin.config('SET', 'requirepass', ''),
  }),
  scenario({
    name: 'the memory of the server is full (maxmemory, noeviction)',
    stage: () => SingleServer.start(),
    // Reads and evictions of entries work; one by tag is refused, and takes it out of use.
    mode: null,
    told: /OOM/,
    lastsMs: 1_000,
    strike: ({ admin }) => admin.config('SET', 'maxmemory', '1'),
    heal: ({ admin }) => admin.config('SET', 'maxmemory', '0'),
  }),
  scenario({
    name: 'the server evicts entries and stamps to make room (allkeys-lru)',
    stage: () => SingleServer.start(),
    mode: null,
    cutsOff: false,
    lastsMs: 1_000,
    strike: async ({ admin }) => {
      await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await shrinkUntilItEvicts(admin);
    },
    heal: ({ admin }) => admin.config('SET', 'maxmemory', '0'),
  }),
];

/**
 * What is in use counts the buffers of clients as well, and they may be gone before a bound that was
 * taken from it holds: so the bound follows it down until something had to go.
 */
async function shrinkUntilItEvicts(admin: Redis): Promise<void> {
  for (let i = 0; i < SHRINKS_AT_MOST; i += 1) {
    const used = await figureOf(admin, 'used_memory');
    await admin.config('SET', 'maxmemory', used - BYTES_TOO_FEW);
    if ((await figureOf(admin, 'evicted_keys')) > 0) return;
  }
  throw new Error(`The server evicted nothing in ${SHRINKS_AT_MOST} tries.`);
}

async function figureOf(admin: Redis, name: string): Promise<number> {
  const info = await admin.info();
  const figure = new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1];
  if (figure === undefined) throw new Error(`INFO has no ${name}.`);
  return Number(figure);
}
