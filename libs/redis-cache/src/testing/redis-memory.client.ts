import { EventEmitter } from 'node:events';
import type {
  RedisClientLike,
  RedisReply,
  RedisValue,
} from '../connection/redis-client.interface.js';
import type { SubscriberClient } from '../connection/subscriber.js';
import * as farScripts from '../stores/far.scripts.js';
import { isScriptName, runScript } from './redis-memory.scripts.js';
import type { RedisMemory } from './redis-memory.js';
import type { TestRedisCommand } from './test-redis.command.js';

/** The server that a {@link RedisMemoryClient} is connected to. */
export interface RedisMemoryServer {
  readonly memory: RedisMemory;
  readonly isDown: boolean;
  /** Has a command done, when and if the server does it. */
  perform<T>(command: TestRedisCommand, apply: () => T): Promise<T>;
  /** Has a connection told when the server goes down or comes up. @returns tells it no more */
  connect(connection: RedisMemoryClient): () => void;
}

type ScriptArguments = (RedisValue | number)[];

/** By their digests. */
const FAR_SCRIPTS: ReadonlyMap<string, string> = new Map(
  Object.values(farScripts).map(({ sha, name }) => [sha, name]),
);

/** The first line of a script names it. */
const NAME = /^-- (\S+)\n/;

/** Nothing here that the cache would warn of: see `clientAdvice`. */
const OPTIONS = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 1_000,
  retryStrategy: (): number => 0,
};

/**
 * A client as the cache uses it, connected to no server but a {@link RedisMemory}. It has the commands
 * that the cache sends, and no others.
 */
export class RedisMemoryClient extends EventEmitter implements RedisClientLike, SubscriberClient {
  readonly isCluster = false;
  readonly options = OPTIONS;
  status: string;
  private readonly channels = new Set<string>();
  private leave: () => void = () => undefined;

  /** @param reconnects whether it comes back when the server does; one that listens does not */
  constructor(
    private readonly server: RedisMemoryServer,
    private readonly reconnects: boolean,
  ) {
    super();
    this.status = 'wait';
    if (!reconnects) return;
    this.leave = server.connect(this);
    this.status = server.isDown ? 'reconnecting' : 'ready';
  }

  /** The server has gone. */
  onDown(): void {
    const refused = new Error('connect ECONNREFUSED, by command of the test');
    this.status = this.reconnects ? 'reconnecting' : 'end';
    if (!this.reconnects) this.end();
    this.emit('error', Object.assign(refused, { code: 'ECONNREFUSED', syscall: 'connect' }));
    this.emit('close');
    if (!this.reconnects) this.emit('end');
  }

  /** The server is back. */
  onUp(): void {
    this.status = 'ready';
    this.emit('connect');
    this.emit('ready');
  }

  async connect(): Promise<void> {
    await Promise.resolve();
    this.leave = this.server.connect(this);
    if (this.server.isDown) this.onDown();
    else this.onUp();
  }

  disconnect(): void {
    this.end();
    this.emit('end');
  }

  quit(): Promise<unknown> {
    this.disconnect();
    return Promise.resolve('OK');
  }

  duplicate(): RedisMemoryClient {
    return new RedisMemoryClient(this.server, false);
  }

  async subscribe(...channels: string[]): Promise<unknown> {
    return this.send('subscribe', () => {
      for (const channel of channels) this.channels.add(channel);
      return channels.length;
    });
  }

  /** Called for whatever is published. */
  hear(channel: string, message: string): void {
    if (this.channels.has(channel)) this.emit('message', channel, message);
  }

  ssubscribe = (): Promise<unknown> => this.unknown('SSUBSCRIBE');
  spublish = (): Promise<unknown> => this.unknown('SPUBLISH');
  cluster = (): Promise<unknown> => this.unknown('CLUSTER');
  call = (command: string): Promise<unknown> => this.unknown(command);

  publish(channel: string, message: string): Promise<number> {
    return this.send('publish', (memory) => memory.publish(channel, message));
  }

  ping(): Promise<unknown> {
    return this.send('ping', () => 'PONG');
  }

  info(): Promise<unknown> {
    return this.send('info', () => '');
  }

  time(): Promise<string[]> {
    return this.send('time', ({ clock }) => {
      const nowMs = clock.nowMs();
      return [String(Math.floor(nowMs / 1_000)), String(Math.round((nowMs % 1_000) * 1_000))];
    });
  }

  getBuffer(key: RedisValue): Promise<Buffer | null> {
    return this.send('get', (memory) => memory.get(String(key)) ?? null);
  }

  mgetBuffer(...keys: RedisValue[]): Promise<(Buffer | null)[]> {
    return this.send('get', (memory) => keys.map((key) => memory.get(String(key)) ?? null));
  }

  pttl(key: RedisValue): Promise<number> {
    return this.send('pttl', (memory) => memory.leftMs(String(key)));
  }

  exists(...keys: RedisValue[]): Promise<number> {
    return this.send('exists', (memory) => keys.filter((key) => memory.get(String(key))).length);
  }

  set(...args: [RedisValue, RedisValue, 'PX', number, 'NX'?]): Promise<unknown> {
    const [key, value, , ms, onlyNew] = args;
    return this.send('set', (memory) => {
      if (onlyNew && memory.get(String(key))) return null;
      memory.set(String(key), value, ms);
      return 'OK';
    });
  }

  del(...keys: RedisValue[]): Promise<number> {
    return this.send('del', (memory) => deleteAll(memory, keys));
  }

  unlink(...keys: RedisValue[]): Promise<number> {
    return this.send('unlink', (memory) => deleteAll(memory, keys));
  }

  /** All keys in one step, those too that the pattern does not take: a walk looks for itself. */
  scanBuffer(): Promise<[Buffer, Buffer[]]> {
    return this.send('scan', (memory) => [
      Buffer.from('0'),
      memory.keys().map((key) => Buffer.from(key)),
    ]);
  }

  /** It knows the scripts of the far store from the start. */
  evalshaBuffer(sha: string, count: number, ...args: ScriptArguments): Promise<RedisReply> {
    const name = FAR_SCRIPTS.get(sha);
    if (name === undefined) return Promise.reject(replyError('NOSCRIPT No matching script.'));
    return this.runScript(name, count, args);
  }

  evalBuffer(lua: string, count: number, ...args: ScriptArguments): Promise<RedisReply> {
    const [, name = ''] = NAME.exec(lua) ?? [];
    return this.runScript(name, count, args);
  }

  private async runScript(name: string, count: number, args: ScriptArguments): Promise<RedisReply> {
    const keys = args.slice(0, count).map(String);
    const bytes = args
      .slice(count)
      .map((arg) => Buffer.from(typeof arg === 'number' ? String(arg) : arg));
    if (name === 'check-access') return this.send('check-access', () => []);
    if (!isScriptName(name)) return this.unknown(`of the script ${name}`);
    return this.send(name, (memory) => runScript(name, memory, keys, bytes));
  }

  private send<T>(command: TestRedisCommand, apply: (memory: RedisMemory) => T): Promise<T> {
    if (this.status !== 'ready') return Promise.reject(new Error('Connection is closed.'));
    return this.server.perform(command, () => apply(this.server.memory));
  }

  private unknown(command: string): Promise<never> {
    return Promise.reject(
      replyError(`ERR unknown command ${command}: a TestRedis has what the cache sends`),
    );
  }

  private end(): void {
    this.status = 'end';
    this.leave();
  }
}

/** An error as Redis replies it. */
export function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

function deleteAll(memory: RedisMemory, keys: readonly RedisValue[]): number {
  return keys.filter((key) => memory.delete(String(key)) === 1).length;
}
