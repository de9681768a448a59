import { createHash } from 'node:crypto';
import type { EvalBuffer, RedisClientLike, RedisReply } from './redis-client.interface.js';

/** What a script is given; a number is sent as its decimal text. */
export type ScriptArgument = string | number | Buffer;

/**
 * A Lua script that is sent once to each server and named by its digest from then on.
 *
 * @example
 * const TAKE = new Script('take', `return redis.call('GETDEL', KEYS[1])`, 1);
 * const bytes = await connection.run((client) => TAKE.run(client, ['key'], []));
 */
export class Script {
  readonly #lua: string;
  readonly #sha: string;

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
    this.#sha = createHash('sha1').update(this.#lua).digest('hex');
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
    if (keys.length === 0 || keys.length % this.keysPerItem !== 0) {
      const takes = `${this.keysPerItem} keys or a multiple, not ${keys.length}`;
      return Promise.reject(new TypeError(`Script ${this.name} takes ${takes}.`));
    }
    const scripting = client as RedisClientLike &
      Record<'evalBuffer' | 'evalshaBuffer', EvalBuffer>;
    return scripting
      .evalshaBuffer(this.#sha, keys.length, ...keys, ...args)
      .catch((error: unknown) => {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return scripting.evalBuffer(this.#lua, keys.length, ...keys, ...args);
      });
  }
}
