import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What the package says of itself. */
export interface OwnManifest {
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}

export function ownManifest(): OwnManifest {
  return JSON.parse(readFileSync(manifestAbove(__dirname), 'utf8')) as OwnManifest;
}

/** Sources and what is built of them lie at different depths. */
function manifestAbove(folder: string): string {
  const file = join(folder, 'package.json');
  return existsSync(file) ? file : manifestAbove(dirname(folder));
}
