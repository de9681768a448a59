import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From its last output on: what still kept it alive when it had no more to do. */
  readonly lingeredMs: number;
}

const REGISTER = join(__dirname, '../support/typescript/register.cjs');
const KILLED_AFTER_MS = 30_000;

/** Runs a program of this folder in a process of its own, to its end. */
export async function runProgram(name: string, ...args: string[]): Promise<Ended> {
  const argv = ['--require', REGISTER, join(__dirname, name), ...args];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const forced = setTimeout(() => child.kill('SIGKILL'), KILLED_AFTER_MS);
  let lastOutputAt = performance.now();
  child.stdout.on('data', () => (lastOutputAt = performance.now()));
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await once(child, 'exit')) as [number | null];
  const lingeredMs = performance.now() - lastOutputAt;
  clearTimeout(forced);
  const [stdout, stderr] = await output;
  return { code, stdout, stderr, lingeredMs };
}
