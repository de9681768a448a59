import type { PgTable } from 'drizzle-orm/pg-core';
import { hashApiKey } from '../../access/api-key-hash.js';
import type { Database } from '../database.js';
import { apiKeys, conversations, greetings, leads, messages, organizations } from '../schema.js';
import { sampleData } from './sample-leads.js';
import {
  SAMPLE_ORGANIZATIONS,
  developmentApiKey,
  sampleGreetings,
} from './sample-organizations.js';

/** PostgreSQL takes 65,535 parameters in a statement; the widest table here has nine columns. */
const ROWS_PER_INSERT = 2_000;

/** Fills an empty database with the sample organizations; the same rows, ids included, every time. */
export async function seed(database: Database): Promise<void> {
  const present = await database.select({ id: organizations.id }).from(organizations).limit(1);
  if (present.length > 0) return;
  await database.transaction(async (tx) => {
    for (const [index, { row, topics }] of SAMPLE_ORGANIZATIONS.entries()) {
      const hash = hashApiKey(developmentApiKey(row.id));
      const data = sampleData(row.id, topics, index + 1);
      await tx.insert(organizations).values(row);
      await tx.insert(apiKeys).values({ hash, organizationId: row.id });
      await tx.insert(greetings).values(sampleGreetings(row.id));
      await insertAll(tx, leads, data.leads);
      await insertAll(tx, conversations, data.conversations);
      await insertAll(tx, messages, data.messages);
    }
  });
}

async function insertAll<T extends PgTable>(
  database: Database,
  table: T,
  rows: T['$inferInsert'][],
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    await database.insert(table).values(rows.slice(start, start + ROWS_PER_INSERT));
  }
}
