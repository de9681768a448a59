import { join } from 'node:path';
import { ChildObject, type Remote } from '../../support/child-object.js';
import type { LeadNode, LeadNodeOptions } from './lead-node.js';

const PROGRAM = join(__dirname, 'node-process.program.ts');

/** A node wherever it runs. */
export type AnyNode = Remote<LeadNode>;

/** A {@link LeadNode} in a process of its own. Calls reach it in the order they are made in. */
export class NodeProcess {
  private constructor(private readonly child: ChildObject<LeadNode>) {}

  /** Boots one and waits until it uses Redis. */
  static async boot(options: LeadNodeOptions): Promise<NodeProcess> {
    const child = ChildObject.fork<LeadNode>(PROGRAM);
    await child.make(options);
    await child.remote.inMode('redis');
    return new NodeProcess(child);
  }

  /** Boots several at once. */
  static bootAll(count: number, options: LeadNodeOptions): Promise<NodeProcess[]> {
    return Promise.all(Array.from({ length: count }, () => NodeProcess.boot(options)));
  }

  /** The node over there. */
  get node(): AnyNode {
    return this.child.remote;
  }

  /** Ends the process at once, as a crash does. */
  kill(): Promise<void> {
    return this.child.kill();
  }

  /** Closes the application and waits until the process ends by itself. @returns its exit code */
  end(): Promise<number | null> {
    return this.child.end();
  }
}
