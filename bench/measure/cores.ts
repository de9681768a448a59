import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { Redis } from 'ioredis';

/** Of Linux; elsewhere the system places processes as it likes. */
const TASKSET = 'taskset';
const [SERVER_CORE, OWN_CORE] = ['0', '1'];

/**
 * Keeps this process and a Redis server on the same machine to a core each, where the system can be told.
 *
 * @returns lets both go
 */
export async function keepToCores(redisUrl: string): Promise<() => void> {
  const cores = availableParallelism();
  if (cores < 2) return () => undefined;
  const server = await pidOf(redisUrl);
  place(server, SERVER_CORE);
  place(process.pid, OWN_CORE);
  return () => {
    for (const pid of [server, process.pid]) place(pid, `0-${String(cores - 1)}`);
  };
}

/** All threads of a process. */
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
