import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CommandError } from './command.error.js';
import type { Terminal } from './terminal.js';

/**
 * Runs a package manager in a folder, and shows what it says.
 *
 * @throws {CommandError} it has failed
 */
export async function runInstaller(
  [program, ...args]: readonly [string, ...string[]],
  folder: string,
  { env, stderr }: Terminal,
): Promise<void> {
  // On Windows they are scripts, which only a shell finds. The names are our own.
  const shell = process.platform === 'win32';
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...env },
    shell,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => stderr.write(chunk.toString()));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  const line = [program, ...args].join(' ');
  throw new CommandError(`${line} ended with ${code ?? 'a signal'}. No file of yours was changed.`);
}
