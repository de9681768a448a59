import type { MapSource } from 'nestjs-redis-cache/migration';
import type { Redis } from 'ioredis';

/** Something with the methods of a Map that outlives its process: a hash of Redis, of JSON. */
export class RedisHashMap<V> implements MapSource<string, V> {
  constructor(
    private readonly redis: Redis,
    private readonly name: string,
  ) {}

  async get(key: string): Promise<V | undefined> {
    const text = await this.redis.hget(this.name, key);
    return text === null ? undefined : (JSON.parse(text) as V);
  }

  async set(key: string, value: V): Promise<void> {
    await this.redis.hset(this.name, key, JSON.stringify(value));
  }

  async delete(key: string): Promise<boolean> {
    return (await this.redis.hdel(this.name, key)) === 1;
  }

  async has(key: string): Promise<boolean> {
    return (await this.redis.hexists(this.name, key)) === 1;
  }

  async *keys(): AsyncGenerator<string> {
    yield* await this.redis.hkeys(this.name);
  }
}
