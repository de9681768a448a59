import type { ModelProcess } from './model-process.js';

/**
 * What a process has left behind where nobody waits for anything in it, in words.
 *
 * @param restored tokens of leases that a failover has brought back
 */
export function leftBehind(process: ModelProcess, restored: ReadonlySet<string>): string[] {
  const { node, name } = process;
  const { flights } = node;
  const left = process.entries.flatMap((entry) =>
    flights.countOf(entry) > 0 ? [`a flight of ${entry.redisKey}`] : [],
  );
  if (flights.size > 0) left.push(`${flights.size} flights`);
  for (const [token, key] of process.usesRedis ? node.leases : []) {
    if (!restored.has(token)) left.push(`the lease of ${key}`);
  }
  return left.map((what) => `${name} is at rest, and has ${what}`);
}

/** The same of what it does by itself, when there was time for all of it. */
export async function stillRunning({ node, name, link }: ModelProcess): Promise<string[]> {
  const tasks = node.background.idle().then(() => undefined);
  const turn = new Promise(
    (resolve) => void setImmediate(resolve, ['something in the background']),
  );
  const running = ((await Promise.race([tasks, turn])) as string[] | undefined) ?? [];
  const timers = node.clock.pending;
  // The persistent store is swept from time to time.
  if (timers > (link ? 1 : 0)) running.push(`${timers} timers`);
  return running.map((what) => `${name} has ${what} at the end`);
}
