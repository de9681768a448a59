import { Gate } from '../support/gate.js';
import type { FarOperation, MemoryFarStore } from '../support/memory-far.store.js';

/** The first who comes waits, and whoever comes behind goes on. */
class GateForOne extends Gate {
  override pass(): Promise<void> {
    const isFirst = this.arrivals === 0;
    const passage = super.pass();
    return isFirst ? passage : Promise.resolve();
  }
}

/** Commands of one process that are on their way until they are let go. */
export class HeldCommands {
  private readonly gates: Gate[] = [];

  constructor(private readonly far: MemoryFarStore) {}

  /** Whether one is waiting. */
  get any(): boolean {
    return this.gates.some(({ arrivals }) => arrivals > 0);
  }

  /** The next command of this kind waits, before or after it is applied. */
  hold(operation: FarOperation, at: 'before' | 'after'): void {
    const gate = new GateForOne();
    this.gates.push(gate);
    if (at === 'before') this.far.holdBefore(operation, gate);
    else this.far.holdAfter(operation, gate);
  }

  letGo(): void {
    for (const gate of this.gates.splice(0)) gate.open();
  }
}
