import { paintFor, type Paint } from './paint.js';
import type { Terminal } from './terminal.js';

/** How a view may look. */
export interface Look {
  /** Columns; infinite where nobody counts them. */
  readonly width: number;
  readonly paint: Paint;
}

/** What of the command line says how to print. */
export interface PrintFlags {
  readonly json?: boolean;
  readonly color?: boolean;
}

/** Prints what a command has found, for people or for programs. */
export class Printer {
  readonly json: boolean;

  constructor(
    private readonly terminal: Terminal,
    private readonly flags: PrintFlags,
  ) {
    this.json = flags.json === true;
  }

  /** Asked anew each time, for a window may be made larger. */
  get look(): Look {
    const { stdout, env } = this.terminal;
    return { width: columnsOf(this.terminal), paint: paintFor(stdout, env, this.flags) };
  }

  /** Prints a finding: as it is for programs, else as its view shows it. */
  report<T>(found: T, view: (found: T, look: Look) => readonly string[]): void {
    if (this.json) this.terminal.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
    else this.lines(view(found, this.look));
  }

  lines(lines: readonly string[]): void {
    this.terminal.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Says something beside what was asked for; nothing to programs. */
  note(text: string): void {
    if (!this.json) this.terminal.stderr.write(`${text}\n`);
  }

  /** Says why it was not done. */
  failure(message: string, exitCode: number): void {
    const { stderr, env } = this.terminal;
    if (this.json) {
      stderr.write(`${JSON.stringify({ error: { message, exitCode } })}\n`);
      return;
    }
    const paint = paintFor(stderr, env, this.flags);
    stderr.write(`${paint('red', 'error:')} ${message}\n`);
  }
}

function columnsOf({ stdout, env }: Terminal): number {
  const said = Number(env.COLUMNS);
  const columns = stdout.columns ?? said;
  return Number.isInteger(columns) && columns > 0 ? columns : Infinity;
}
