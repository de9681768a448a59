import { runCli } from '../../../libs/redis-cache/src/cli/run-cli.js';
import { FakeTerminal, type FakeTerminalOptions } from './fake-terminal.js';

/** How a command has ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. */
export async function runCommand(
  args: readonly string[],
  options: FakeTerminalOptions = {},
): Promise<Ended> {
  const terminal = new FakeTerminal(options);
  const code = await runCli(args, terminal, '1.2.3');
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
}

/** The same with `--json`, which has to print nothing else. */
export async function runForJson(
  args: readonly string[],
  options: FakeTerminalOptions = {},
): Promise<{ readonly code: number; readonly body: unknown }> {
  const { code, stdout, stderr } = await runCommand([...args, '--json'], options);
  if (stderr !== '') throw new Error(`It says ${stderr}`);
  return { code, body: JSON.parse(stdout) as unknown };
}
