import { parseDocument } from '../../libs/redis-cache/src/rollout/rollout-document.js';
import type { SharedMemory } from '../support/memory-far.store.js';
import { Floor } from './floors.js';
import type { ModelProcess } from './model-process.js';
import type { ModelStore } from './model-store.js';

/** What those have changed who kept their entries apart and have died: whoever starts begins anew. */
export class ModelPartings {
  private changed = new Floor();

  constructor(
    private readonly memory: SharedMemory,
    private readonly store: ModelStore,
  ) {}

  /** Whether Redis knows that a process has kept its entries apart. */
  get areNoted(): boolean {
    return (parseDocument(this.memory.rollouts)?.partings ?? 0) % 2 === 1;
  }

  /** A process has died. */
  add({ apart, own }: ModelProcess): void {
    if (!apart || !this.areNoted) return;
    const floor = Floor.copyOf(own);
    // What the store has not taken of it, it may give to others.
    if (this.store.isThere) floor.lowerTo(this.store.taken);
    this.changed.raiseBy(floor);
  }

  /** A process that uses Redis has started. */
  endFor(process: ModelProcess): void {
    process.own.raiseBy(this.changed);
  }

  /** Redis has lost what it knew of them. */
  forget(): void {
    this.changed = new Floor();
  }
}
