import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Whether there is all that lines of a guide call. Where `CI=true` there has to be. */
export function hasPrograms(...names: readonly string[]): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const missing = names.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  if (missing.length > 0 && process.env.CI === 'true') {
    throw new Error(`Not on PATH: ${missing.join(', ')}. Install them.`);
  }
  return missing.length === 0;
}

/** Resolves to what lines of a guide print. */
export async function runShell(lines: string, env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', lines], {
    env: { PATH: process.env.PATH, ...env },
  });
  return stdout;
}
