import { join } from 'node:path';
import type { CacheMode, RedisCacheModuleOptions } from 'nestjs-redis-cache';
import type { RateLimit } from 'nestjs-redis-cache/throttler';
import { ChildObject, type Remote } from '../../support/child-object.js';
import type { LimitNode, Tally } from './limit-node.js';

const PROGRAM = join(__dirname, 'limit-node.program.ts');

/** Several {@link LimitNode}s, each in a process of its own. */
export class LimitProcesses {
  private constructor(private readonly children: readonly ChildObject<LimitNode>[]) {}

  /** Boots them, and waits until they use Redis. */
  static async boot(count: number, options: RedisCacheModuleOptions): Promise<LimitProcesses> {
    const children = Array.from({ length: count }, () => ChildObject.fork<LimitNode>(PROGRAM));
    await Promise.all(children.map((child) => child.make(options)));
    const processes = new LimitProcesses(children);
    await processes.inMode('redis');
    return processes;
  }

  get nodes(): Remote<LimitNode>[] {
    return this.children.map(({ remote }) => remote);
  }

  async inMode(mode: CacheMode): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.inMode(mode)));
  }

  /** All at once, so many calls each. */
  consumeMany(count: number, key: string, limit: RateLimit): Promise<Tally[]> {
    return Promise.all(this.nodes.map((node) => node.consumeMany(count, key, limit)));
  }

  async kill(): Promise<void> {
    await Promise.all(this.children.map((child) => child.kill()));
  }
}
