import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { newDataFolder } from '../data-folder.js';

const ROOT = join(__dirname, '../../..');
const PREPARED = join(ROOT, 'node_modules/.cache/databases');

/** How to make a database that tests take copies of. */
export interface Recipe {
  readonly name: string;
  /** Files that decide what is in it; those of the installed packages come on top. */
  readonly sources: readonly string[];
  /** Makes it in an empty folder. */
  make(folder: string): Promise<void>;
}

/** A folder of an embedded PostgreSQL that nobody else has. */
export interface DatabaseFolder {
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * A copy of a prepared database. To make one takes seconds, to copy it does not: the first test to come
 * here makes it, and it is kept for as long as its sources stay as they are.
 */
export async function copyOfDatabase(recipe: Recipe): Promise<DatabaseFolder> {
  const prepared = join(PREPARED, `${recipe.name}-${await fingerprint(recipe.sources)}`);
  if (!existsSync(prepared)) {
    await mkdir(PREPARED, { recursive: true });
    const draft = join(PREPARED, `draft-${randomUUID()}`);
    await recipe.make(draft);
    // Another worker may have been faster; then the draft is not needed.
    await rename(draft, prepared).catch(() => rm(draft, { recursive: true }));
  }
  const parent = await newDataFolder('database');
  const folder = join(parent, 'postgres');
  // Node's own `cp` takes six times as long for these thousand files.
  await promisify(execFile)('cp', ['-R', prepared, folder]);
  return { folder, remove: () => rm(parent, { recursive: true }) };
}

async function fingerprint(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [...sources, join(ROOT, 'package-lock.json')].sort()) {
    hash.update(file).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** The folder of a database with nothing in it. */
export function emptyDatabaseFolder(): Promise<DatabaseFolder> {
  return copyOfDatabase({
    name: 'empty',
    sources: [],
    make: async (folder) => (await PGlite.create(folder)).close(),
  });
}

/** An embedded PostgreSQL with nothing in it; what is written to it goes when it is closed. */
export class EmptyDatabase {
  private constructor(
    readonly client: PGlite,
    private readonly place: DatabaseFolder,
  ) {}

  static async open(): Promise<EmptyDatabase> {
    const place = await emptyDatabaseFolder();
    return new EmptyDatabase(await PGlite.create(place.folder), place);
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.place.remove();
  }
}
