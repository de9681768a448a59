import { existsSync, statfsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of Linux that is kept in memory; containers often give it 64 MB. */
const IN_MEMORY = '/dev/shm';
const ENOUGH_BYTES = 2 * 1024 ** 3;

/**
 * A new folder for what a database of a test writes. It is in memory where there is room: to copy one of the
 * thousand files of PostgreSQL takes a tenth there of what it takes on a disk. No programs are run from it.
 *
 * @param name what it begins with
 */
export function newDataFolder(name: string): Promise<string> {
  return mkdtemp(join(hasRoom(IN_MEMORY) ? IN_MEMORY : tmpdir(), `${name}-`));
}

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ENOUGH_BYTES;
}
