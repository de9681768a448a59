import { positiveMs, type Duration } from '../config/duration.js';
import { knownFields } from '../config/option-checks.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { PersistentStoreError } from '../errors/persistent-store.error.js';
import type {
  PersistedErasure,
  PersistedLook,
  PersistedWrite,
  PersistentStore,
} from './persistent-store.interface.js';
import type { PostgresClient } from './postgres.client.js';
import { postgresStatements, SCHEMA_VERSION } from './postgres.statements.js';

/** Options of a {@link PostgresStore}. */
export interface PostgresStoreOptions {
  /**
   * Runs the statements; a `Pool` of `pg`, say. It is not closed. What a transaction of the application
   * runs on is not to be given.
   */
  client: PostgresClient;
  /**
   * What the names of its tables begin with, in lower case, with or without a schema: `cache.crm`
   * makes `cache.crm_entries` and others. The schema has to be there. Applications whose prefixes differ
   * may share the tables.
   * @default 'redis_cache'
   */
  table?: string;
  /** Pause between two sweeps for what has expired, by all processes together. @default '5m' */
  sweepInterval?: Duration;
}

const TABLE = /^(?:[a-z_][a-z0-9_]{0,39}\.)?[a-z_][a-z0-9_]{0,39}$/;

/** Rows that one statement deletes at most, so that none holds others up. */
const BATCH = 1_000;

/** Statements of one sweep at most. */
const MAX_BATCHES = 100;

/**
 * Keeps entries in tables of PostgreSQL 12 or later, which it makes itself unless they are there. It
 * keeps the rule of {@link PersistentStore} in full, however statements of several processes interleave.
 */
export class PostgresStore implements PersistentStore {
  private readonly client: PostgresClient;
  private readonly statements: ReturnType<typeof postgresStatements>;
  private readonly sweepIntervalMs: number;

  /** @throws {InvalidCacheOptionsError} an option cannot be used */
  constructor(options: PostgresStoreOptions) {
    knownFields(options, 'PostgresStore', ['client', 'table', 'sweepInterval']);
    const { client, table = 'redis_cache', sweepInterval = '5m' } = options;
    assertClient(client);
    assertTable(table);
    this.client = client;
    this.statements = postgresStatements(table);
    this.sweepIntervalMs = positiveMs(sweepInterval, 'PostgresStore.sweepInterval');
  }

  /** @throws {PersistentStoreError} the tables are of a later version of this library */
  async open(): Promise<void> {
    const { find, create, version } = this.statements;
    // Asked before: the user of the database may be allowed to use the tables, not to make them.
    const [there] = await this.run<{ found: boolean }>(find);
    if (!there?.found) await this.run(create);
    const [row] = await this.run<{ version: number }>(version);
    if (row && row.version <= SCHEMA_VERSION) return;
    throw new PersistentStoreError(
      `The tables of the persistent store are of version ${row?.version}, made by a later version of ` +
        `nestjs-redis-cache; this one knows version ${SCHEMA_VERSION}. Name other tables by the option table.`,
    );
  }

  async look(key: string): Promise<PersistedLook> {
    const [row] = await this.run<LookRow>(this.statements.look, key);
    if (!row) throw new PersistentStoreError('The client of PostgreSQL has returned no row');
    const { bytes, left_ms: leftMs } = row;
    const entry = bytes && leftMs !== null && leftMs > 0 ? { bytes, leftMs } : undefined;
    return { entry, point: pointOf(row) };
  }

  async put({ key, names, bytes, ttlMs, point }: PersistedWrite): Promise<boolean> {
    const [at = '', ms = ''] = point.split('@');
    const rows = await this.run(this.statements.put, key, names, asBuffer(bytes), ttlMs, at, ms);
    return rows.length > 0;
  }

  async invalidate(names: readonly string[]): Promise<string> {
    const [row] = await this.run<PointRow>(this.statements.invalidate, names);
    if (!row) throw new PersistentStoreError('The client of PostgreSQL has returned no row');
    return pointOf(row);
  }

  async erase({ prefix, point }: PersistedErasure): Promise<number> {
    const { erase, eraseMarks } = this.statements;
    const behind = firstBehind(prefix);
    let erased = 0;
    for (let deleted = BATCH; deleted === BATCH; erased += deleted) {
      deleted = await this.delete(erase, prefix, behind, BATCH);
    }
    const [at = ''] = point.split('@');
    await this.run(eraseMarks, prefix, behind, at);
    return erased;
  }

  async sweep(): Promise<void> {
    const { takeTurn, sweepEntries, sweepMarks } = this.statements;
    const turn = await this.run(takeTurn, this.sweepIntervalMs);
    if (turn.length === 0) return;
    for (const statement of [sweepEntries, sweepMarks]) {
      for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
        if ((await this.delete(statement, BATCH)) < BATCH) break;
      }
    }
  }

  /** The client is not its own. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private async delete(statement: string, ...values: Values): Promise<number> {
    const [row] = await this.run<{ deleted: number }>(statement, ...values);
    return row?.deleted ?? 0;
  }

  private async run<R>(statement: string, ...values: Values): Promise<R[]> {
    const { rows } = await this.client.query(statement, values);
    return rows as R[];
  }
}

type Values = NonNullable<Parameters<PostgresClient['query']>[1]>;

interface PointRow {
  readonly at: string;
  readonly ms: string;
}

interface LookRow extends PointRow {
  readonly bytes: Uint8Array | null;
  readonly left_ms: number | null;
}

function pointOf({ at, ms }: PointRow): string {
  return `${at}@${ms}`;
}

/** The first text that no longer begins with `prefix`, in the order of its characters. */
function firstBehind(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** A driver may take no other array of bytes. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function assertClient(client: unknown): void {
  if (typeof (client as Partial<PostgresClient> | undefined)?.query === 'function') return;
  throw new InvalidCacheOptionsError(
    'PostgresStore.client',
    client,
    'an object with the method query',
    `Write for instance new PostgresStore({ client: pool }), with a Pool of pg.`,
  );
}

function assertTable(table: unknown): void {
  if (typeof table === 'string' && TABLE.test(table)) return;
  throw new InvalidCacheOptionsError(
    'PostgresStore.table',
    table,
    'up to 40 lower-case letters, digits and _, with or without a schema before a dot',
    `Write for instance 'crm_cache' or 'cache.crm'.`,
  );
}
