import { Global, Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { Environment } from '../config/environment.js';
import { DatabaseConnection } from './database-connection.js';
import { DATABASE, type Database } from './database.js';
import { QueryCounter } from './query-counter.js';
import { seed } from './seed/seed.js';
import { Transactions } from './transactions.js';

/** One database for the whole app. What injects it gets it migrated and, if it was empty, seeded. */
@Global()
@Module({
  providers: [
    QueryCounter,
    DatabaseConnection,
    Transactions,
    {
      provide: DATABASE,
      inject: [DatabaseConnection, Transactions, ConfigService],
      useFactory: async (
        connection: DatabaseConnection,
        transactions: Transactions,
        config: ConfigService<Environment, true>,
      ): Promise<Database> => {
        const database = await connection.open();
        if (config.get('SEED', { infer: true })) await seed(database);
        return transactions.of(database);
      },
    },
  ],
  exports: [DATABASE, DatabaseConnection, QueryCounter, Transactions],
})
export class DatabaseModule {}
