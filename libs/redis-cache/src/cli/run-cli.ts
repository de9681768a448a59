import { CommanderError } from 'commander';
import { failureReason } from '../connection/failure-kind.js';
import { isRedisCacheError } from '../errors/redis-cache.error.js';
import { CommandError } from './command.error.js';
import { targetOf, type Target } from './connection-flags.js';
import type { CommandContext, CommandRun, CommonFlags } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { Printer } from './printer.js';
import { createProgram } from './program.js';
import type { Terminal } from './terminal.js';

/** Does what a command line says. Never rejects. @returns what the process is to end with */
export async function runCli(
  args: readonly string[],
  terminal: Terminal,
  version: string,
): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const run = async <Flags extends CommonFlags>(
    load: () => Promise<CommandRun<Flags>>,
    flags: Flags,
  ): Promise<void> => {
    code = await execute(load, flags, terminal);
  };
  try {
    await createProgram(terminal, version, run).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return tell(error, new Printer(terminal, {}), []);
  }
}

async function execute<Flags extends CommonFlags>(
  load: () => Promise<CommandRun<Flags>>,
  flags: Flags,
  terminal: Terminal,
): Promise<ExitCode> {
  const printer = new Printer(terminal, flags);
  let target: Target | undefined;
  const context: CommandContext = {
    terminal,
    printer,
    get target() {
      return (target ??= targetOf(flags, terminal.env));
    },
    withSession: async (work) => (await import('./session.js')).withSession(context.target, work),
  };
  try {
    const command = await load();
    return await command(context, flags);
  } catch (error) {
    return tell(error, printer, target?.secrets ?? []);
  }
}

function tell(error: unknown, printer: Printer, secrets: readonly string[]): ExitCode {
  const exitCode = exitCodeOf(error);
  const said = error instanceof CommandError ? error.message : failureReason(error);
  // Whatever an error of another library may quote.
  const message = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), said);
  printer.failure(message, exitCode);
  return exitCode;
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (!isRedisCacheError(error)) return EXIT.failed;
  switch (error.code) {
    case 'INVALID_OPTIONS':
    case 'INVALID_KEY':
    case 'TENANT_MISSING':
      return EXIT.usage;
    case 'FAR_UNAVAILABLE':
    case 'FAR_TIMEOUT':
      return EXIT.away;
    default:
      return EXIT.failed;
  }
}
