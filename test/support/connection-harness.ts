import { FakeClock } from './fake-clock.js';
import { FakeRedisClient } from './fake-redis-client.js';
import type { RedisClientLike } from '../../libs/redis-cache/src/connection/redis-client.interface.js';
import type { RedisConnectionParts } from '../../libs/redis-cache/src/connection/connection-parts.js';
import { RedisConnection } from '../../libs/redis-cache/src/connection/redis-connection.js';

/** A command like any other. */
export const get = (client: RedisClientLike): Promise<Buffer | null> => client.getBuffer('key');

/** What ioredis says when nobody listens at the address. */
export const connectionRefused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), {
  code: 'ECONNREFUSED',
  syscall: 'connect',
});

/** A connection over a client and a clock that the test moves. */
export class ConnectionHarness {
  readonly clock = new FakeClock();
  client = new FakeRedisClient();
  /** The states entered, by kind. */
  readonly states: string[] = [];

  /** A connection that was not started. */
  create(parts: Partial<RedisConnectionParts> = {}): RedisConnection {
    const { client, clock } = this;
    const connection = new RedisConnection({
      client,
      owned: true,
      clock,
      random: () => 0,
      ...parts,
    });
    connection.events.on('state', ({ to }) => this.states.push(to.kind));
    return connection;
  }

  /** A connection that was started. */
  start(parts: Partial<RedisConnectionParts> = {}): RedisConnection {
    const connection = this.create(parts);
    connection.start();
    return connection;
  }

  /** A connection that has been ready for a while, with all that led there forgotten. */
  async ready(parts: Partial<RedisConnectionParts> = {}): Promise<RedisConnection> {
    this.client.status = 'ready';
    const connection = this.start(parts);
    await this.clock.advance(2_000);
    if (!connection.available) throw new Error(`It is ${connection.state.kind}.`);
    this.states.length = this.client.sent.length = 0;
    return connection;
  }
}
