import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';

/** Of util-linux. */
export const TASKSET = 'taskset';

/**
 * Keeps this process and a Redis server on the same machine to a core each. Only Linux can be told to; elsewhere,
 * and on a single core, nothing happens.
 *
 * @returns lets both go
 */
export async function keepToCores(redisUrl: string): Promise<() => void> {
  const allowed = coresOf('self');
  const [serverCore, ownCore] = allowed ? each(allowed) : [];
  if (allowed === undefined || ownCore === undefined) return () => undefined;
  const server = await pidOf(redisUrl);
  place(server, String(serverCore));
  place(process.pid, String(ownCore));
  return () => {
    for (const pid of [server, process.pid]) place(pid, allowed);
  };
}

/** Numbers of the cores that a process may run on, and spans of them: `0-3,8`. Undefined where nobody can say. */
export function coresOf(pid: number | 'self'): string | undefined {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
  } catch {
    return undefined;
  }
}

function each(cores: string): number[] {
  return cores.split(',').flatMap((span) => {
    const [first = 0, last = first] = span.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** With all its threads. */
function place(pid: number, cores: string): void {
  spawnSync(TASKSET, ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)]);
}

async function pidOf(redisUrl: string): Promise<number> {
  const redis = new Redis(redisUrl);
  try {
    return Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  } finally {
    redis.disconnect();
  }
}
