import { mkdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { PGlite, type QueryOptions, type Results } from '@electric-sql/pglite';
import { lockFolder } from './folder-lock.js';

/** How long queries may keep the event loop from everything else. */
const MAX_BUSY_MS = 5;

/**
 * PostgreSQL inside this process, kept in a folder, or with `memory://` as long as the process lives.
 * One connection and one query at a time: for development and tests, not for load.
 */
export class EmbeddedPostgres extends PGlite {
  private lastQuery: Promise<unknown> = Promise.resolve();
  private nextTurn: Promise<void> | undefined;
  private busyMs = 0;
  private unlock: () => Promise<void> = () => Promise.resolve();

  static async open(folder: string): Promise<EmbeddedPostgres> {
    // PGlite itself would let a second process in.
    const unlock = await reserve(folder);
    const database = new EmbeddedPostgres(folder);
    database.unlock = unlock;
    try {
      await database.waitReady;
      return database;
    } catch (error) {
      await unlock();
      const remedy =
        'If a run was killed half-way, delete the folder: the next start makes it anew.';
      throw new Error(`The embedded database in ${folder} does not open. ${remedy}`, {
        cause: error,
      });
    }
  }

  /**
   * PGlite works off all queries that wait without returning to the event loop, and nothing else of
   * the app gets a turn meanwhile, answers of Redis and of other requests included. So: a few
   * milliseconds of queries each turn.
   */
  override query<T>(
    query: string,
    params?: unknown[],
    options?: QueryOptions,
  ): Promise<Results<T>> {
    const result = this.lastQuery.then(() =>
      this.inTurn(() => super.query<T>(query, params, options)),
    );
    this.lastQuery = result.catch(() => undefined);
    return result;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.unlock();
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.busyMs > MAX_BUSY_MS) await this.nextTurn;
    this.nextTurn ??= setImmediate().then(() => {
      this.nextTurn = undefined;
      this.busyMs = 0;
    });
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.busyMs += performance.now() - startedAt;
    }
  }
}

async function reserve(folder: string): Promise<() => Promise<void>> {
  if (folder.includes('://')) return () => Promise.resolve();
  await mkdir(folder, { recursive: true });
  return lockFolder(folder);
}
