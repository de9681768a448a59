import type { Clock } from '../resilience/clock.js';
import type { ListenerErrorHandler } from '../resilience/emitter.js';
import type { ConnectionSettings } from './connection-settings.js';
import type { RedisClientLike } from './redis-client.interface.js';

/** A command, given the client to send it with. */
export type RedisCommand<T> = (client: RedisClientLike) => Promise<T>;

/**
 * Brings Redis up to date by `RedisConnection.update`, at the start and after every outage,
 * before it is used. If it fails, Redis counts as away again.
 */
export type Recover = () => Promise<void>;

/** What a `RedisConnection` works with. */
export interface RedisConnectionParts {
  readonly client: RedisClientLike;
  /** Whether the client is ours to cut and to close. */
  readonly owned: boolean;
  readonly clock: Clock;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
  readonly options?: Partial<ConnectionSettings>;
  readonly recover?: Recover;
  /** Told of listeners that throw. */
  readonly onListenerError?: ListenerErrorHandler;
}
