import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { copyOfDatabase, type DatabaseFolder } from '../support/postgres/prepared-database.js';

const SOURCES = join(__dirname, '../../apps/voice-agent/src/database');

/**
 * A folder with the sample data in an embedded PostgreSQL, for one test file to write to.
 *
 * @param make starts the app on an empty folder and stops it
 */
export async function copyOfSampleDatabase(
  make: (folder: string) => Promise<void>,
): Promise<DatabaseFolder> {
  const names = await readdir(SOURCES, { recursive: true });
  const files = names.filter((name) => /\.\w+$/.test(name));
  return copyOfDatabase({
    name: 'voice-agent',
    sources: files.map((name) => join(SOURCES, name)),
    make,
  });
}
