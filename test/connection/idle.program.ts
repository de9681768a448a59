import { createClient } from '../../libs/redis-cache/src/connection/create-client.js';
import { RedisConnection } from '../../libs/redis-cache/src/connection/redis-connection.js';
import { SystemClock } from '../../libs/redis-cache/src/resilience/clock.js';

/**
 * Opens a connection to the URL given, closes it and has no more to do, so that the process ends as
 * soon as nothing keeps it alive. Run by `process-exit.spec.ts`.
 */
async function main(url: string): Promise<void> {
  const connection = new RedisConnection({
    client: createClient({ url }),
    owned: true,
    clock: new SystemClock(),
    random: Math.random,
  });
  connection.start();
  await connection.whenSettled(300);
  await connection.close();
  process.stdout.write('closed');
}

void main(process.argv[2] as string);
