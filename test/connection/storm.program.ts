import { Redis } from 'ioredis';
import type { RedisConnection } from '../../libs/redis-cache/src/connection/redis-connection.js';
import { closeConnections, connectTo, reaches } from './connection.fixture.js';

/** What is left of a storm that was weathered. */
export interface StormReport {
  readonly outages: readonly string[];
  readonly listenersBefore: Record<string, number>;
  readonly listenersAfter: Record<string, number>;
}

const WRITES = 64;

/** The server turns into a replica and refuses many writes at once. */
async function replica(connection: RedisConnection, admin: Redis): Promise<void> {
  await admin.replicaof('127.0.0.1', 1);
  const writes = Array.from({ length: WRITES }, () => connection.run((c) => c.del('key')));
  await Promise.allSettled(writes);
  await admin.replicaof('NO', 'ONE');
  await reaches(connection, 'ready');
}

/**
 * Weathers one storm and reports. A process of its own, for Node tells its warnings on the error
 * stream, and in Jest nobody hears them. Run by `storm.spec.ts`.
 */
async function main(url: string): Promise<void> {
  const admin = new Redis(url);
  const connection = connectTo({ url });
  const outages: string[] = [];
  connection.events.on('outage', ({ reason }) => outages.push(reason));
  await reaches(connection, 'ready');
  const listenersBefore = listenersOf(connection);
  await replica(connection, admin);
  const report: StormReport = {
    outages,
    listenersBefore,
    listenersAfter: listenersOf(connection),
  };
  process.stdout.write(JSON.stringify(report));
  await closeConnections();
  admin.disconnect();
}

function listenersOf(connection: RedisConnection): Record<string, number> {
  const emitter = connection.client as unknown as NodeJS.EventEmitter;
  const counts = emitter.eventNames().map((name) => [name, emitter.listenerCount(name)] as const);
  return Object.fromEntries(counts);
}

void main(process.argv[2] as string);
