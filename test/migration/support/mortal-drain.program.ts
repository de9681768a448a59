/** Drains a Map, and kills itself at a given step: when a command has been sent, or its reply has come. */

import { Redis, type Command } from 'ioredis';
import { CacheService } from 'nestjs-redis-cache';
import { bootCacheApp, inMode } from '../../integration/support/cache-app.js';
import { leadMap } from './lead-map.js';
import { LEASE_MS, type MortalDrain, type Survived } from './mortal-drain.js';
import { RedisHashMap } from './redis-hash-map.js';

const { url, prefix, source, dieAt } = JSON.parse(process.argv[2] ?? '{}') as MortalDrain;
let steps = 0;

function step(): void {
  if (steps === dieAt) process.kill(process.pid, 'SIGKILL');
  steps += 1;
}

/** Of a command on an entry or on the Map; what keeps a connection alive comes when it likes. */
function stepThrough(client: Redis): void {
  const send = client.sendCommand.bind(client);
  client.sendCommand = (command: Command, ...rest: unknown[]) => {
    const reply = send(command, ...(rest as []));
    if (!command.args.some((arg) => /lead\.byPhone@|-source$/.test(String(arg)))) return reply;
    step();
    return (reply as Promise<unknown>).then((answer) => {
      step();
      return answer;
    });
  };
}

async function main(): Promise<void> {
  const client = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  const app = await bootCacheApp({
    connection: client,
    prefix,
    timeouts: { command: LEASE_MS, lease: LEASE_MS },
  });
  const caches = app.get(CacheService);
  await inMode(caches, 'redis');
  stepThrough(client);
  const leads = leadMap(caches, new RedisHashMap(client, source), { mode: 'cache-first' });
  const { moved } = await leads.drain();
  await app.close();
  client.disconnect();
  process.stdout.write(JSON.stringify({ steps, moved } satisfies Survived));
}

void main();
