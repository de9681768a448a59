import { createHash } from 'node:crypto';
import type { EvalBuffer, RedisClientLike, RedisReply } from './redis-client.interface.js';

/** What a script is given; a number is sent as its decimal text. */
export type ScriptArgument = string | number | Buffer;

/** What a script is run with. */
export interface ScriptInput {
  readonly keys: readonly string[];
  readonly args: readonly ScriptArgument[];
}

type ScriptingClient = RedisClientLike & Record<'evalBuffer' | 'evalshaBuffer', EvalBuffer>;

/**
 * A Lua script that is sent once to each server and named by its digest from then on.
 *
 * @example
 * const TAKE = new Script('take', `return redis.call('GETDEL', KEYS[1])`, 1);
 * const bytes = await connection.run((client) => TAKE.run(client, ['key'], []));
 */
export class Script {
  readonly #lua: string;
  /** By which a server knows it: the SHA-1 of its text. */
  readonly sha: string;

  /**
   * @param name for errors and for those who read a monitor: the script's first line names it
   * @param keysPerItem it is given this many keys, or a multiple; of a Cluster all of one slot
   */
  constructor(
    readonly name: string,
    lua: string,
    readonly keysPerItem: number,
  ) {
    this.#lua = `-- ${name}\n${lua.trim()}\n`;
    this.sha = createHash('sha1').update(this.#lua).digest('hex');
  }

  /**
   * Runs it: one round trip, or two where the server does not know it (any more). Strings in the
   * reply are Buffers.
   *
   * @throws {TypeError} another number of keys; nothing was sent
   */
  run(
    client: RedisClientLike,
    keys: readonly string[],
    args: readonly ScriptArgument[],
  ): Promise<RedisReply> {
    return this.#runKnown(client, keys, args, (scripting) =>
      scripting.evalBuffer(this.#lua, keys.length, ...keys, ...args),
    );
  }

  /**
   * The same where it must not be overtaken by a command that is sent after it: a server that does not know the
   * script is told of it, and it is not run.
   *
   * @param idle keys, of which one leads to the same server, and arguments, with which it does nothing
   * @returns undefined if it was not run
   * @throws as {@link run} does
   */
  runInOrder(
    client: RedisClientLike,
    keys: readonly string[],
    args: readonly ScriptArgument[],
    idle: () => ScriptInput,
  ): Promise<RedisReply> {
    const notRun = (): undefined => undefined;
    // If it cannot be told, nothing has been done either.
    return this.#runKnown(client, keys, args, (scripting) => {
      const input = idle();
      return scripting
        .evalBuffer(this.#lua, input.keys.length, ...input.keys, ...input.args)
        .then(notRun, notRun);
    });
  }

  #runKnown(
    client: RedisClientLike,
    keys: readonly string[],
    args: readonly ScriptArgument[],
    runUnknown: (scripting: ScriptingClient) => Promise<RedisReply>,
  ): Promise<RedisReply> {
    if (keys.length === 0 || keys.length % this.keysPerItem !== 0) {
      const takes = `${this.keysPerItem} keys or a multiple, not ${keys.length}`;
      return Promise.reject(new TypeError(`Script ${this.name} takes ${takes}.`));
    }
    const scripting = client as ScriptingClient;
    return scripting
      .evalshaBuffer(this.sha, keys.length, ...keys, ...args)
      .catch((error: unknown) => {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return runUnknown(scripting);
      });
  }
}
