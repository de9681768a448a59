import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What adds packages to a project: a program and its first argument. */
export type AddCommand = readonly [program: string, verb: string];

const BY_LOCK_FILE: readonly (readonly [lockFile: string, command: AddCommand])[] = [
  ['pnpm-lock.yaml', ['pnpm', 'add']],
  ['yarn.lock', ['yarn', 'add']],
  ['bun.lock', ['bun', 'add']],
  ['bun.lockb', ['bun', 'add']],
  ['package-lock.json', ['npm', 'install']],
];

/** By the lock file that is nearest: that of a workspace lies above its packages. */
export function addCommandOf(folder: string): AddCommand {
  const found = BY_LOCK_FILE.find(([lockFile]) => existsSync(join(folder, lockFile)));
  if (found) return found[1];
  const above = dirname(folder);
  return above === folder ? ['npm', 'install'] : addCommandOf(above);
}
