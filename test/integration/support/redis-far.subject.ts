import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { RedisClientLike } from '../../../libs/redis-cache/src/connection/redis-client.interface.js';
import { RedisConnection } from '../../../libs/redis-cache/src/connection/redis-connection.js';
import {
  messagesIn,
  parseMessage,
  type BusMessage,
} from '../../../libs/redis-cache/src/invalidation/bus-message.js';
import { KeySpace } from '../../../libs/redis-cache/src/keys/key-space.js';
import { SystemClock } from '../../../libs/redis-cache/src/resilience/clock.js';
import { RedisFarStore } from '../../../libs/redis-cache/src/stores/redis-far.store.js';
import { TOLD_BYTES, type FarStoreSubject } from '../../support/far-store/far-store.trial.js';

/** A client as tests use it beside the store: for a look at what it did. */
export interface RawClient extends RedisClientLike {
  pttl(key: string): Promise<number>;
  rpush(key: string, element: string): Promise<number>;
}

/** Comes after all that was told before it. */
const END = 'end';
const NO_KEY = -2;
/** Long enough for a test that a machine under load does not fail one. */
const COMMAND_TIMEOUT_MS = 5_000;

/** The far store on a real Redis, by a client of any make. */
export class RedisFarSubject implements FarStoreSubject {
  /** Of its own, so that nobody else is heard on the channel. */
  private readonly keys = new KeySpace(`far-${randomUUID()}`);
  readonly store: RedisFarStore;
  private readonly connection: RedisConnection;

  private constructor(
    readonly client: RawClient,
    private readonly listener: Redis,
  ) {
    this.connection = new RedisConnection({
      client,
      owned: true,
      clock: new SystemClock(),
      random: Math.random,
      options: { commandTimeoutMs: COMMAND_TIMEOUT_MS },
    });
    this.store = new RedisFarStore(this.connection, this.keys, 'this-process', {
      maxEntryBytes: TOLD_BYTES,
    });
  }

  /** Connects; ends with {@link close}. */
  static async open(client: RawClient, url: string): Promise<RedisFarSubject> {
    const subject = new RedisFarSubject(client, new Redis(url));
    subject.connection.start();
    await subject.connection.whenSettled(COMMAND_TIMEOUT_MS);
    if (!subject.store.available) throw new Error('Redis did not answer in time');
    return subject;
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.listener.quit();
  }

  entryLifeMs(entryKey: string): Promise<number | undefined> {
    return this.lifeMs(entryKey);
  }

  leaseLifeMs(entryKey: string): Promise<number | undefined> {
    return this.lifeMs(this.keys.lease(entryKey));
  }

  async listen(): Promise<() => Promise<BusMessage[]>> {
    const texts: string[] = [];
    let onEnd: () => void = () => undefined;
    this.listener.on('message', (_channel, text: string) => {
      if (text === END) onEnd();
      else texts.push(text);
    });
    await this.listener.subscribe(this.keys.channel());
    return async () => {
      const ended = new Promise<void>((resolve) => (onEnd = resolve));
      await this.store.publish(this.keys.channel(), END);
      await ended;
      return texts.flatMap(messagesIn).map((text) => parseMessage(text) as BusMessage);
    };
  }

  async pass(ms: number): Promise<void> {
    await sleep(ms);
  }

  /** A key that lives for ever would be -1, which no expected life is near to. */
  private async lifeMs(key: string): Promise<number | undefined> {
    const life = await this.client.pttl(key);
    return life === NO_KEY ? undefined : life;
  }
}
