import type { RedisClientLike } from './redis-client.interface.js';

const METHODS = [
  'on',
  'off',
  'connect',
  'disconnect',
  'quit',
  'getBuffer',
  'evalshaBuffer',
  'evalBuffer',
  'del',
] as const satisfies (keyof RedisClientLike)[];

/** Whether `value` is an ioredis client, of whichever copy of ioredis. */
export function isRedisClient(value: unknown): value is RedisClientLike {
  if (typeof value !== 'object' || value === null) return false;
  const candidate = value as Partial<Record<keyof RedisClientLike, unknown>>;
  return (
    typeof candidate.status === 'string' &&
    METHODS.every((method) => typeof candidate[method] === 'function')
  );
}
