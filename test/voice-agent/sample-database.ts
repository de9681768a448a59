import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const SOURCES = join(ROOT, 'apps/voice-agent/src/database');
const PREPARED = join(ROOT, 'node_modules/.cache/voice-agent');

/**
 * A folder with the sample data in an embedded PostgreSQL, for one test file to write to.
 *
 * To make a database and fill it takes seconds, to copy one does not: the first test to come here
 * makes it, and it is kept for as long as schema and sample data stay as they are.
 *
 * @param make starts the app on an empty folder and stops it
 */
export async function copyOfSampleDatabase(
  make: (folder: string) => Promise<void>,
): Promise<{ folder: string; remove: () => Promise<void> }> {
  const prepared = join(PREPARED, await fingerprint());
  if (!existsSync(prepared)) {
    await mkdir(PREPARED, { recursive: true });
    const draft = join(PREPARED, `draft-${randomUUID()}`);
    await make(draft);
    // Another worker may have been faster; then the draft is not needed.
    await rename(draft, prepared).catch(() => rm(draft, { recursive: true }));
  }
  const parent = await mkdtemp(join(tmpdir(), 'voice-agent-'));
  const folder = join(parent, 'postgres');
  await cp(prepared, folder, { recursive: true });
  return { folder, remove: () => rm(parent, { recursive: true }) };
}

/** Of all that decides what is in the database. */
async function fingerprint(): Promise<string> {
  const names = await readdir(SOURCES, { recursive: true });
  const files = names.filter((name) => /\.\w+$/.test(name)).map((name) => join(SOURCES, name));
  const hash = createHash('sha256');
  for (const file of [...files, join(ROOT, 'package-lock.json')].sort()) {
    hash.update(file).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}
