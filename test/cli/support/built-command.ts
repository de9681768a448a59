import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildLibrary } from '../../../bench/run/library-build.js';
import { eventually } from '../../integration/support/eventually.js';
import type { Ended } from './run-command.js';

const ROOT = join(__dirname, '../../..');
const PACKAGE = join(ROOT, 'dist/cli/package');
/** Of Debian's bsdutils, which every Debian has. */
const SCRIPT = '/usr/bin/script';

/** The command as it is published. */
export const BUILT = join(PACKAGE, 'dist/cjs/cli/main.js');

/** Compiles it, if any source has changed. */
export function buildCommand(): void {
  mkdirSync(PACKAGE, { recursive: true });
  buildLibrary(join(PACKAGE, 'dist'));
  copyFileSync(join(ROOT, 'libs/redis-cache/package.json'), join(PACKAGE, 'package.json'));
}

/** Runs it with pipes for input and output. */
export async function runBuilt(
  args: readonly string[],
  { env = {}, node = [] }: { env?: Record<string, string>; node?: readonly string[] } = {},
): Promise<Ended> {
  const child = start(process.execPath, [...node, BUILT, ...args], env);
  child.stdin.end();
  return ended(child);
}

/** Whether there is something to make a terminal with. Where `CI=true` there has to be. */
export function hasTerminal(): boolean {
  if (existsSync(SCRIPT) && process.platform === 'linux') return true;
  if (process.env.CI === 'true') throw new Error(`${SCRIPT} is missing: install bsdutils.`);
  return false;
}

/** A terminal of its own, in which a line of the shell runs. */
export class ShellTerminal {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly end: Promise<Ended>;
  private seen = '';

  constructor(line: string, env: Record<string, string> = {}) {
    this.child = start(SCRIPT, ['--quiet', '--return', '--command', line, '/dev/null'], {
      TERM: 'xterm',
      ...env,
    });
    this.child.stdout.on('data', (chunk: Buffer) => (this.seen += chunk.toString()));
    this.end = ended(this.child);
  }

  /** Resolves once this stands on the screen. */
  async shows(text: string): Promise<void> {
    await eventually(`the terminal shows ${text}`, () => this.seen.includes(text), 15_000);
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  /** Waits for the end of what runs in it; `stdout` is all that was shown. */
  ended(): Promise<Ended> {
    return this.end;
  }
}

function start(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): ChildProcessWithoutNullStreams {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(program, args, { env: { PATH, HOME, ...env }, stdio: 'pipe' });
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}
