import { EXIT, type ExitCode } from './exit-codes.js';

/** Why a command was not done, in words for whoever typed it. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failed,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The command line cannot be used as given. */
export class UsageError extends CommandError {
  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

/** Redis, or an address given to read from, cannot be reached. */
export class AwayError extends CommandError {
  /** @param reason free of secrets */
  constructor(
    what: string,
    readonly reason: string,
  ) {
    super(`${what} cannot be reached: ${reason}`, EXIT.away);
  }
}
