import { PassThrough } from 'node:stream';
import type { Screen, Terminal } from '../../../libs/redis-cache/src/cli/terminal.js';

export interface FakeTerminalOptions {
  /** Somebody sits before it. @default false */
  readonly interactive?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** @default that of the process */
  readonly cwd?: string;
  /** Called with all that stands on a screen so far, whenever something is written. */
  readonly onWrite?: (terminal: FakeTerminal) => void;
}

/** A terminal that a test looks at, and types into. */
export class FakeTerminal implements Terminal {
  readonly stdin: PassThrough & { isTTY?: boolean };
  readonly stdout: FakeScreen;
  readonly stderr: FakeScreen;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  private readonly interrupted = new Set<() => void>();

  constructor(options: FakeTerminalOptions = {}) {
    const { interactive = false, env = {}, cwd = process.cwd(), onWrite, ...size } = options;
    const tell = () => onWrite?.(this);
    this.stdin = Object.assign(new PassThrough(), { isTTY: interactive });
    this.stdout = new FakeScreen(interactive, size, tell);
    this.stderr = new FakeScreen(interactive, size, tell);
    this.env = env;
    this.cwd = cwd;
  }

  /** How many listen for the end of the process. */
  get listeners(): number {
    return this.interrupted.size + this.stdout.listeners.size;
  }

  type(text: string): void {
    this.stdin.write(text);
  }

  interrupt(): void {
    for (const listener of this.interrupted) listener();
  }

  onInterrupt(listener: () => void): () => void {
    this.interrupted.add(listener);
    return () => this.interrupted.delete(listener);
  }
}

export class FakeScreen implements Screen {
  text = '';
  readonly listeners = new Set<() => void>();
  readonly isTTY?: boolean;
  columns?: number;
  rows?: number;

  constructor(
    isTTY: boolean,
    size: { readonly columns?: number; readonly rows?: number },
    private readonly tell: () => void,
  ) {
    if (isTTY) Object.assign(this, { isTTY, columns: 80, rows: 24, ...size });
  }

  write(text: string): void {
    this.text += text;
    this.tell();
  }

  resize(columns: number, rows: number): void {
    Object.assign(this, { columns, rows });
    for (const listener of this.listeners) listener();
  }

  on(_event: 'resize', listener: () => void): void {
    this.listeners.add(listener);
  }

  off(_event: 'resize', listener: () => void): void {
    this.listeners.delete(listener);
  }
}
