import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Asked, ColdCalls, NodeRequest, Weighed, Weighing } from '../node.program.js';
import type { NodeOptions } from '../peer-cache.js';

const BENCH = path.resolve(__dirname, '..');
/** What it was asked for is here by then; some leave handles open. */
const END_TIMEOUT_MS = 500;

/** A node of a cache in a process of its own. */
export class RemoteNode {
  private constructor(private readonly child: ChildProcess) {}

  static async boot(cache: string, redisUrl: string, options: NodeOptions): Promise<RemoteNode> {
    const child = fork(
      path.join(BENCH, 'node.program.ts'),
      [JSON.stringify({ cache, redisUrl, options })],
      { execArgv: ['--expose-gc', '--require', path.join(BENCH, 'register.cjs')] },
    );
    await once(child, 'message');
    return new RemoteNode(child);
  }

  /** So many boot at once. */
  static bootAll(
    count: number,
    cache: string,
    redisUrl: string,
    options: NodeOptions,
  ): Promise<RemoteNode[]> {
    return Promise.all(
      Array.from({ length: count }, () => RemoteNode.boot(cache, redisUrl, options)),
    );
  }

  /** Has callers ask for one entry all at once. @returns loads, and when the last had its answer */
  askAtOnce(calls: ColdCalls): Promise<Asked> {
    return this.request({ kind: 'ask', calls }) as Promise<Asked>;
  }

  /** @returns what its memory grows by */
  weigh(weighing: Weighing): Promise<Weighed> {
    return this.request({ kind: 'weigh', weighing }) as Promise<Weighed>;
  }

  async end(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.send({ kind: 'end' } satisfies NodeRequest);
    const forced = setTimeout(() => this.child.kill('SIGKILL'), END_TIMEOUT_MS);
    await exited;
    clearTimeout(forced);
  }

  private async request(request: NodeRequest): Promise<unknown> {
    const answered = once(this.child, 'message');
    this.child.send(request);
    const [response] = (await answered) as [unknown];
    return response;
  }
}
