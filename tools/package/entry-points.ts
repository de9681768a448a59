import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LIBRARY } from './folders.js';

/**
 * Names of the entry points below that of the package itself: folders of the library with an `index.ts`,
 * which stands for nothing else there. All that has to know them, knows them from here.
 */
export function entryPoints(): string[] {
  const sources = join(LIBRARY, 'src');
  return readdirSync(sources)
    .filter((folder) => existsSync(join(sources, folder, 'index.ts')))
    .sort();
}
