import { join } from 'node:path';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import { migrate as migratePostgres } from 'drizzle-orm/node-postgres/migrator';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator';
import type { Environment } from '../config/environment.js';
import { EmbeddedPostgres } from '../embedded/embedded-postgres.js';
import { openPool } from './postgres-pool.js';
import type { Database } from './database.js';
import { QueryCounter } from './query-counter.js';

const MIGRATIONS = { migrationsFolder: join(__dirname, 'migrations') };

/** Opens PostgreSQL at `DATABASE_URL`, else the embedded one; brings its tables up to date. */
@Injectable()
export class DatabaseConnection implements OnApplicationShutdown {
  /** For the banner: what the app runs on, without credentials. */
  description = 'not open';

  private close: () => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly config: ConfigService<Environment, true>,
    private readonly queries: QueryCounter,
  ) {}

  open(): Promise<Database> {
    const url = this.config.get('DATABASE_URL', { infer: true });
    return url === undefined ? this.openEmbedded() : this.openServer(url);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private async openServer(url: string): Promise<Database> {
    const pool = openPool(url);
    this.close = () => pool.end();
    const database = drizzlePostgres(pool, { logger: this.queries });
    await migratePostgres(database, MIGRATIONS);
    const { host, pathname } = new URL(url);
    this.description = `PostgreSQL at ${host}${pathname}`;
    return database;
  }

  private async openEmbedded(): Promise<Database> {
    const folder = this.config.get('PGLITE_DIR', { infer: true });
    const pglite = await EmbeddedPostgres.open(folder);
    this.close = () => pglite.close();
    const database = drizzlePglite(pglite, { logger: this.queries });
    await migratePglite(database, MIGRATIONS);
    this.description = `PostgreSQL embedded (PGlite in ${folder})`;
    return database;
  }
}
