import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readText } from './text-file.js';

/** The version of a package that a project finds; undefined if it finds none. */
export async function installedVersion(folder: string, name: string): Promise<string | undefined> {
  // Read where it lies: a package does not have to export its package.json.
  for (const modules of createRequire(join(folder, 'package.json')).resolve.paths(name) ?? []) {
    const manifest = await readText(join(modules, name, 'package.json'));
    if (manifest !== undefined) return (JSON.parse(manifest) as { version?: string }).version;
  }
  return undefined;
}
