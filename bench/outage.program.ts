/** Takes one cache through one outage; `workloads/outage.workload.ts` asks for it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { RedisServerProcess } from '../test/support/redis/redis-server.js';
import { cacheNamed, openNode, ownAsShipped } from './contenders/caches.js';
import { OWN } from './contenders/names.js';
import { CallersThroughOutage } from './measure/callers-through-outage.js';
import type { Measures } from './measure/outcome.js';

export interface Outage {
  readonly cache: string;
  readonly failure: 'killed' | 'hung';
  readonly awayMs: number;
}

const STEADY_MS = 500;
const BACK_MS = 2_000;
const CLOSE_MS = 500;

async function main(outage: Outage): Promise<void> {
  const appendonlyDir = mkdtempSync(path.join(tmpdir(), 'bench-outage-'));
  const server = await RedisServerProcess.start({ appendonlyDir });
  try {
    process.send?.(await goThrough(outage, server));
  } finally {
    await server.stop();
    rmSync(appendonlyDir, { recursive: true });
    process.disconnect();
  }
}

async function goThrough(
  { cache, failure, awayMs }: Outage,
  server: RedisServerProcess,
): Promise<Measures> {
  const kind = cache === OWN ? ownAsShipped : cacheNamed(cache);
  const node = await openNode(kind, server.url);
  const callers = new CallersThroughOutage(node);
  callers.start();
  await setTimeout(STEADY_MS);
  callers.noteAway();
  if (failure === 'killed') await server.kill();
  else server.pause();
  await setTimeout(awayMs);
  if (failure === 'killed') await server.restart();
  else server.resume();
  const back = callers.noteBack(server.url);
  await setTimeout(BACK_MS);
  callers.stop();
  await back;
  const measures = callers.measures();
  await Promise.race([node.close(), setTimeout(CLOSE_MS)]);
  return measures;
}

void main(JSON.parse(process.argv[2] ?? '') as Outage);
