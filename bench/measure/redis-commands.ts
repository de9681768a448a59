import { Redis } from 'ioredis';
import { Monitor } from './monitor.js';

/** Commands that Redis ran. */
export interface CommandCount {
  /** Sent by clients. */
  readonly sent: number;
  /** Run by scripts. */
  readonly inScripts: number;
  /** Messages published, by clients and by scripts. */
  readonly publishes: number;
}

/** Of this process' own doing. */
const UNCOUNTED = new Set(['info', 'monitor', 'ping', 'hello', 'client', 'auth', 'select']);

/**
 * Counts the commands that Redis ran meanwhile, by its own `INFO commandstats`. That counts what
 * scripts run like what clients send, so `MONITOR` tells the two apart; it slows Redis down, so
 * nothing is timed under it.
 */
export async function countingCommands(
  url: string,
  work: () => Promise<void>,
): Promise<CommandCount> {
  const stats = new Redis(url);
  const monitor = await Monitor.of(url);
  let inScripts = 0;
  monitor.on(({ name, byScript }) => {
    if (byScript && !UNCOUNTED.has(name)) inScripts += 1;
  });
  try {
    const before = await callsByCommand(stats);
    await work();
    const after = await callsByCommand(stats);
    // Whoever hears of this has heard of all commands before it.
    const mark = `counted-${process.hrtime.bigint().toString()}`;
    const heard = monitor.heard(mark);
    await stats.ping(mark);
    await heard;
    const total = sumOf(after) - sumOf(before);
    const publishes = (after.get('publish') ?? 0) - (before.get('publish') ?? 0);
    return { sent: total - inScripts, inScripts, publishes };
  } finally {
    monitor.close();
    stats.disconnect();
  }
}

async function callsByCommand(redis: Redis): Promise<Map<string, number>> {
  const info = await redis.info('commandstats');
  const lines = info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return new Map([...lines].map(([, name = '', calls]) => [name, Number(calls)]));
}

function sumOf(calls: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [name, count] of calls) {
    if (!UNCOUNTED.has(name.split('|')[0] ?? '')) sum += count;
  }
  return sum;
}
