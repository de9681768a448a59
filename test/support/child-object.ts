import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ChildQuestion, ChildRequest, ChildResponse } from './serve-object.js';

const REGISTER = join(__dirname, 'typescript/register.cjs');

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The methods of an object elsewhere; what goes in and comes out is plain data. */
export type Remote<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};

/** An object in a process of its own. Calls reach it in the order they are made in. */
export class ChildObject<T extends object> {
  private readonly pending = new Map<number, Pending>();
  private questions = 0;

  private printed = '';

  private constructor(private readonly child: ChildProcess) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.printed += text;
      process.stderr.write(text);
    });
    child.on('message', (response: ChildResponse) => {
      this.settle(response);
    });
    child.once('exit', (code, signal) => {
      for (const { reject } of this.pending.values()) {
        reject(new Error(`The process has ended (${String(code ?? signal)})`));
      }
    });
  }

  /**
   * Starts a program that serves objects.
   *
   * @param nodeArgs further arguments of Node
   */
  static fork<T extends object>(program: string, nodeArgs: readonly string[] = []): ChildObject<T> {
    const child = fork(program, {
      execArgv: ['--require', REGISTER, ...nodeArgs],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    return new ChildObject<T>(child);
  }

  /** Has an object made, in place of one that was before. @param options plain data */
  async make(options: unknown): Promise<void> {
    await this.ask({ make: options });
  }

  /** The object over there. */
  get remote(): Remote<T> {
    return new Proxy({} as Remote<T>, {
      get: (_target, method: string) =>
        // A promise may resolve to it, and asks for this to see whether it is one itself.
        method === 'then' ? undefined : (...args: unknown[]) => this.ask({ method, args }),
    });
  }

  /** What has come on its error stream so far: warnings, and errors that nobody handled. */
  get stderr(): string {
    return this.printed;
  }

  /** Ends the process at once, as a crash does. */
  async kill(): Promise<void> {
    if (this.ended) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  /** Lets the process go, and waits until it ends by itself. @returns its exit code */
  async end(): Promise<number | null> {
    if (this.ended) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    const [code] = (await exited) as [number | null];
    return code;
  }

  private get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private ask(question: ChildQuestion): Promise<unknown> {
    const number = ++this.questions;
    return new Promise((resolve, reject) => {
      this.pending.set(number, { resolve, reject });
      this.child.send({ ...question, number } satisfies ChildRequest);
    });
  }

  private settle(response: ChildResponse): void {
    const pending = this.pending.get(response.number);
    this.pending.delete(response.number);
    if ('error' in response) pending?.reject(new Error(response.error));
    else pending?.resolve(response.value);
  }
}
