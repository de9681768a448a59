import type { SharedData, SharedMemory } from '../support/memory-far.store.js';
import { Floor } from './floors.js';
import type { ModelProcess } from './model-process.js';

/** As by default. What is older is not replayed any more, and no replica is that far behind. */
const JOURNAL_KEEP_MS = 60_000;

/** A replica, which may be behind when it is promoted. */
export class Replica {
  private data: SharedData;
  private acknowledged = new Floor();
  private copiedAtMs: readonly number[];

  constructor(
    private readonly memory: SharedMemory,
    private readonly processes: readonly ModelProcess[],
  ) {
    this.data = memory.copy();
    this.copiedAtMs = this.times();
  }

  /** By the clock of every process. */
  get isRecent(): boolean {
    const nowMs = this.times();
    return this.copiedAtMs.every((atMs, i) => (nowMs[i] as number) - atMs < JOURNAL_KEEP_MS);
  }

  /** It is up to date. @param acknowledged what Redis has acknowledged by now */
  copy(acknowledged: Floor): void {
    this.data = this.memory.copy();
    this.acknowledged = Floor.copyOf(acknowledged);
    this.copiedAtMs = this.times();
    for (const { unreplicated } of this.processes) unreplicated.clear();
  }

  /** It is the master from now on. @returns what it knows of what had been acknowledged */
  promote(): Floor {
    this.memory.hold(this.data);
    for (const { unsent, unreplicated } of this.processes) {
      for (const [messageKey, floor] of unreplicated.takeEach()) unsent.raise(messageKey, floor);
    }
    return Floor.copyOf(this.acknowledged);
  }

  private times(): number[] {
    return this.processes.map(({ clock }) => clock.nowMs());
  }
}
