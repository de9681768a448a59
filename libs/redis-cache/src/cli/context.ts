import type { ConnectionFlags, Target } from './connection-flags.js';
import type { ExitCode } from './exit-codes.js';
import type { Printer, PrintFlags } from './printer.js';
import type { Session } from './session.js';
import type { Terminal } from './terminal.js';

/** What every command of the command line takes. */
export type CommonFlags = ConnectionFlags & PrintFlags;

/** What a command is given to do its work with. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly printer: Printer;
  /** Where Redis is, for those that ask it. @throws {UsageError} */
  readonly target: Target;
  /** Connects for as long as `work` takes. @throws {AwayError} */
  readonly withSession: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
}

/** One command: does its work, prints, and says how it ended. */
export type CommandRun<Flags> = (context: CommandContext, flags: Flags) => Promise<ExitCode>;
