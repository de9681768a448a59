import { execFile } from 'node:child_process';

/** Compilers may have more to say than Node takes by default. */
const MOST_OUTPUT_BYTES = 16 * 1024 * 1024;

export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds after which it is ended. @default 0, never */
  readonly timeout?: number;
}

/** Resolves to what the program printed; a failure tells all it said. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const all = { ...options, maxBuffer: MOST_OUTPUT_BYTES };
    execFile(command, args, all, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });
}
