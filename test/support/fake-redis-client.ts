import { EventEmitter } from 'node:events';
import type { RedisClientLike } from '../../libs/redis-cache/src/connection/redis-client.interface.js';

/** How a {@link FakeRedisClient} answers a command. */
export type FakeAnswer = (command: string) => Promise<unknown>;

/** Answers never. */
export const SILENT: FakeAnswer = () => new Promise(() => undefined);

/** Answers as a server does that is well. */
export const WELL: FakeAnswer = (command) =>
  Promise.resolve(command === 'time' ? ['1700000000', '250000'] : 'OK');

/** Answers every command with an error. */
export function failing(error: Error): FakeAnswer {
  return () => Promise.reject(error);
}

/** An error as Redis itself replies it. */
export function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

/** A client without a connection, whose status and answers a test decides. */
export class FakeRedisClient extends EventEmitter implements RedisClientLike {
  readonly options: object;
  /** Commands and calls, in the order they came. */
  readonly sent: string[] = [];
  answer: FakeAnswer = WELL;

  constructor(
    public status = 'wait',
    readonly isCluster = false,
    options: object = {},
  ) {
    super();
    this.options = options;
  }

  /** Changes the status and tells it, an error first, as ioredis does. */
  becomes(status: string, error?: Error): void {
    this.status = status;
    if (error) this.emit('error', error);
    this.emit(status);
  }

  /** Listeners of all events together. */
  get listenersCount(): number {
    return this.eventNames().reduce((sum, event) => sum + this.listenerCount(event), 0);
  }

  connect = (): Promise<void> => this.send('connect') as Promise<void>;
  quit = (): Promise<unknown> => this.send('quit');
  cluster = (): Promise<unknown> => this.send('cluster');
  publish = (): Promise<number> => this.send('publish') as Promise<number>;
  spublish = (): Promise<unknown> => this.send('spublish');
  ping = (): Promise<unknown> => this.send('ping');
  info = (): Promise<unknown> => this.send('info');
  time = (): Promise<string[]> => this.send('time') as Promise<string[]>;
  getBuffer = (): Promise<Buffer | null> => this.send('get') as Promise<Buffer | null>;
  mgetBuffer = (): Promise<(Buffer | null)[]> => this.send('mget') as Promise<(Buffer | null)[]>;
  pttl = (): Promise<number> => this.send('pttl') as Promise<number>;
  scanBuffer = (): Promise<[Buffer, Buffer[]]> => this.send('scan') as Promise<[Buffer, Buffer[]]>;
  exists = (): Promise<number> => this.send('exists') as Promise<number>;
  set = (): Promise<unknown> => this.send('set');
  del = (): Promise<number> => this.send('del') as Promise<number>;
  unlink = (): Promise<number> => this.send('unlink') as Promise<number>;

  disconnect(reconnect = false): void {
    this.sent.push(reconnect ? 'disconnect(true)' : 'disconnect');
  }

  duplicate(): RedisClientLike {
    return new FakeRedisClient('wait', this.isCluster, this.options);
  }

  private send(command: string): Promise<unknown> {
    this.sent.push(command);
    return this.answer(command);
  }
}
