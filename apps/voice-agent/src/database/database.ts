import { Inject } from '@nestjs/common';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** What PostgreSQL and PGlite have in common: all that services need to know. */
export type Database = PgDatabase<PgQueryResultHKT>;

export const DATABASE = Symbol('voice-agent:database');

/** The drizzle instance, migrated and seeded, whose statements join the transaction they are made in. */
export const InjectDatabase = (): ParameterDecorator => Inject(DATABASE);
