import { join } from 'node:path';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import { migrate as migratePostgres } from 'drizzle-orm/node-postgres/migrator';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator';
import type { PostgresClient } from 'nestjs-redis-cache/persistence';
import type { Environment } from '../config/environment.js';
import { EmbeddedPostgres } from '../embedded/embedded-postgres.js';
import { openPool } from './postgres-pool.js';
import type { Database } from './database.js';
import { QueryCounter } from './query-counter.js';

const MIGRATIONS = { migrationsFolder: join(__dirname, 'migrations') };

interface OpenDatabase {
  readonly database: Database;
  readonly client: PostgresClient;
}

/** Opens PostgreSQL at `DATABASE_URL`, else the embedded one; brings its tables up to date. */
@Injectable()
export class DatabaseConnection implements OnApplicationShutdown {
  /** For the banner: what the app runs on, without credentials. */
  description = 'not open';

  private close: () => Promise<void> = () => Promise.resolve();
  private opened: Promise<OpenDatabase> | undefined;

  constructor(
    private readonly config: ConfigService<Environment, true>,
    private readonly queries: QueryCounter,
  ) {}

  async open(): Promise<Database> {
    const { database } = await this.openOnce();
    return database;
  }

  /** For what has no part in the app's transactions, nor in its count of statements. */
  async plainClient(): Promise<PostgresClient> {
    const { client } = await this.openOnce();
    return client;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private openOnce(): Promise<OpenDatabase> {
    const url = this.config.get('DATABASE_URL', { infer: true });
    return (this.opened ??= url === undefined ? this.openEmbedded() : this.openServer(url));
  }

  private async openServer(url: string): Promise<OpenDatabase> {
    const pool = openPool(url);
    this.close = () => pool.end();
    const database = drizzlePostgres(pool, { logger: this.queries });
    await migratePostgres(database, MIGRATIONS);
    const { host, pathname } = new URL(url);
    this.description = `PostgreSQL at ${host}${pathname}`;
    return { database, client: pool };
  }

  private async openEmbedded(): Promise<OpenDatabase> {
    const folder = this.config.get('PGLITE_DIR', { infer: true });
    const pglite = await EmbeddedPostgres.open(folder);
    this.close = () => pglite.close();
    const database = drizzlePglite(pglite, { logger: this.queries });
    await migratePglite(database, MIGRATIONS);
    this.description = `PostgreSQL embedded (PGlite in ${folder})`;
    return { database, client: pglite };
  }
}
