import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LeadNode, LeadNodeOptions } from './lead-node.js';
import type { NodeRequest, NodeResponse } from './node-process.program.js';

const PROGRAM = join(__dirname, 'node-process.program.ts');
const REGISTER = join(__dirname, '../../support/typescript/register.cjs');

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Method = NodeRequest['method'];

/** A node wherever it runs. */
export type AnyNode = Pick<LeadNode, Method>;

/** A {@link LeadNode} in a process of its own. Calls reach it in the order they are made in. */
export class NodeProcess {
  private readonly pending = new Map<number, Pending>();
  private calls = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (response: NodeResponse) => {
      this.settle(response);
    });
    child.once('exit', (code, signal) => {
      for (const { reject } of this.pending.values()) {
        reject(new Error(`The process has ended (${String(code ?? signal)})`));
      }
    });
  }

  /** Boots one and waits until it uses Redis. */
  static async boot(options: LeadNodeOptions): Promise<NodeProcess> {
    const child = fork(PROGRAM, [JSON.stringify(options)], {
      execArgv: ['--require', REGISTER],
      serialization: 'advanced',
    });
    const node = new NodeProcess(child);
    await new Promise((resolve, reject) => node.pending.set(0, { resolve, reject }));
    await node.node.inMode('redis');
    return node;
  }

  /** Boots several at once. */
  static bootAll(count: number, options: LeadNodeOptions): Promise<NodeProcess[]> {
    return Promise.all(Array.from({ length: count }, () => NodeProcess.boot(options)));
  }

  /** The methods of the node over there. */
  get node(): AnyNode {
    return new Proxy({} as AnyNode, {
      get: (_target, method: Method | 'then') =>
        // A promise may resolve to a node, and asks for this to see whether it is one itself.
        method === 'then' ? undefined : (...args: unknown[]) => this.call(method, args),
    });
  }

  /** Ends the process at once, as a crash does. */
  async kill(): Promise<void> {
    if (this.ended) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  /** Closes the application and waits until the process ends by itself. @returns its exit code */
  async end(): Promise<number | null> {
    if (this.ended) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    await this.node.close();
    this.child.disconnect();
    const [code] = (await exited) as [number | null];
    return code;
  }

  private get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private call(method: Method, args: readonly unknown[]): Promise<unknown> {
    const number = ++this.calls;
    return new Promise((resolve, reject) => {
      this.pending.set(number, { resolve, reject });
      this.child.send({ number, method, args } satisfies NodeRequest);
    });
  }

  private settle(response: NodeResponse): void {
    const pending = this.pending.get(response.number);
    this.pending.delete(response.number);
    if ('error' in response) pending?.reject(new Error(response.error));
    else pending?.resolve(response.value);
  }
}
