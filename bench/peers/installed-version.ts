import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `bentocache 1.6.1`, as it is installed. */
export function installed(name: string): string {
  const file = join(__dirname, '../node_modules', name, 'package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return `${name} ${version}`;
}
