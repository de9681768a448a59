import { Logger } from '@nestjs/common';
import type { Surroundings } from './cache/surroundings.js';
import { clientAdvice } from './connection/client-advice.js';
import { createClient } from './connection/create-client.js';
import { isRedisClient } from './connection/is-redis-client.js';
import { RedisConnection } from './connection/redis-connection.js';
import { askServer, isTooOld, type ServerInfo } from './connection/server-info.js';
import type { ResolvedOptions } from './resolve-options.js';

/** The connection to Redis, not yet begun. Null where none is configured. */
export function createConnection(
  options: ResolvedOptions,
  surroundings: Surroundings,
): RedisConnection | null {
  const { clock, fraction } = surroundings;
  const given = surroundings.placeOf(options.connection);
  if (given === false) return null;
  const logger = new Logger('RedisCache');
  const owned = !isRedisClient(given);
  const client = owned ? createClient(given) : given;
  if (!owned) {
    for (const advice of clientAdvice(client)) logger.warn(`The given Redis client: ${advice}`);
  }
  const connection = new RedisConnection({
    client,
    owned,
    clock,
    random: fraction,
    options: {
      commandTimeoutMs: options.commandTimeoutMs,
      failureThreshold: options.failureThreshold,
      probeIntervalMs: options.probeIntervalMs,
      maxProbeIntervalMs: options.maxProbeIntervalMs,
      closeTimeoutMs: options.closeTimeoutMs,
      // Of our own prefix: a user of Redis may be allowed to write no other keys.
      probeKey: `${options.prefix}:{}:probe`,
    },
    onListenerError: (event, error) => {
      logger.error(`A listener of '${event}' threw`, error);
    },
  });
  connection.events.on('outage', ({ reason }) => {
    logger.warn(
      options.far
        ? `Redis is away (${reason}): answering from memory and from the methods themselves.`
        : `Redis is away (${reason}): others are told what is evicted once it is back.`,
    );
  });
  connection.events.on('recovered', ({ outageMs }) => {
    logger.log(`Redis is back after ${Math.round(outageMs)} ms.`);
  });
  logServer(connection, logger);
  return connection;
}

/** Says once what the server is, and again when another one has taken its place. Nobody waits for it. */
function logServer(connection: RedisConnection, logger: Logger): void {
  let known = '';
  const onAnswer = (info: ServerInfo | undefined): void => {
    const server = info && `${info.name} ${info.version}`;
    if (!info || !server || server === known) return;
    known = server;
    logger.log(`Connected to ${server}.`);
    if (isTooOld(info))
      logger.warn(`${server} is older than Redis 6.0, which the cache is made for.`);
  };
  connection.events.on('state', ({ to }) => {
    // By the client itself: how long this takes says nothing of whether Redis can be used.
    if (to.kind === 'ready') askServer(connection.client).then(onAnswer, leftUnsaid);
  });
}

/** A user may not be allowed to ask, and a connection that fails is told of elsewhere. */
function leftUnsaid(): void {
  return undefined;
}
