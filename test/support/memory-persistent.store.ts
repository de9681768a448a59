import type {
  PersistedErasure,
  PersistedLook,
  PersistedWrite,
  PersistentStore,
} from '../../libs/redis-cache/src/persistence/persistent-store.interface.js';
import type { Clock } from '../../libs/redis-cache/src/resilience/clock.js';
import type { Gate } from './gate.js';

type StoreOperation = keyof PersistentStore;

interface Row {
  readonly names: readonly string[];
  readonly bytes: Uint8Array;
  readonly begun: number;
  readonly untilMs: number;
}

/** What several stores of one test share, as processes share one database. */
export class SharedRows {
  readonly entries = new Map<string, Row>();
  /** When a name was invalidated last. */
  readonly marks = new Map<string, number>();
  count = 0;
}

/** A persistent store in memory that keeps the contract, and fails or waits on command. */
export class MemoryPersistentStore implements PersistentStore {
  /** Commands in the order they were sent. */
  readonly sent: StoreOperation[] = [];
  away = false;
  private readonly gatesBefore = new Map<StoreOperation, Gate>();
  private readonly gatesAfter = new Map<StoreOperation, Gate>();
  private readonly failures = new Map<StoreOperation, { applied: boolean }>();

  constructor(
    private readonly clock: Clock,
    readonly rows = new SharedRows(),
  ) {}

  /** The next commands of this kind wait before they are applied. */
  holdBefore(operation: StoreOperation, gate: Gate): void {
    this.gatesBefore.set(operation, gate);
  }

  /** They are applied, and their reply waits. */
  holdAfter(operation: StoreOperation, gate: Gate): void {
    this.gatesAfter.set(operation, gate);
  }

  /** Commands of this kind fail from now on; `applied` ones all the same take effect. */
  fail(operation: StoreOperation, applied = false): void {
    this.failures.set(operation, { applied });
  }

  heal(): void {
    this.away = false;
    this.failures.clear();
    this.gatesBefore.clear();
    this.gatesAfter.clear();
  }

  countOf(operation: StoreOperation): number {
    return this.sent.filter((sent) => sent === operation).length;
  }

  open(): Promise<void> {
    return this.apply('open', () => undefined);
  }

  look(key: string): Promise<PersistedLook> {
    return this.apply('look', () => {
      const row = this.rows.entries.get(key);
      const leftMs = (row?.untilMs ?? 0) - this.clock.nowMs();
      const holds = row !== undefined && leftMs > 0 && !this.invalidated(row);
      return {
        entry: holds ? { bytes: row.bytes, leftMs } : undefined,
        point: String(this.rows.count),
      };
    });
  }

  put({ key, names, bytes, ttlMs, point }: PersistedWrite): Promise<boolean> {
    return this.apply('put', () => {
      const row = { names, bytes, begun: Number(point), untilMs: this.clock.nowMs() + ttlMs };
      const there = this.rows.entries.get(key);
      if (this.invalidated(row) || (there && there.begun > row.begun)) return false;
      this.rows.entries.set(key, row);
      return true;
    });
  }

  invalidate(names: readonly string[]): Promise<string> {
    return this.apply('invalidate', () => {
      this.rows.count += 1;
      for (const name of names) {
        this.rows.marks.set(name, this.rows.count);
        this.rows.entries.delete(name);
      }
      return String(this.rows.count);
    });
  }

  erase({ prefix }: PersistedErasure): Promise<number> {
    return this.apply('erase', () => {
      const keys = [...this.rows.entries.keys()].filter((key) => key.startsWith(prefix));
      for (const key of keys) this.rows.entries.delete(key);
      return keys.length;
    });
  }

  sweep(): Promise<void> {
    return this.apply('sweep', () => undefined);
  }

  close(): Promise<void> {
    return this.apply('close', () => undefined);
  }

  private invalidated({ names, begun }: Pick<Row, 'names' | 'begun'>): boolean {
    return names.some((name) => (this.rows.marks.get(name) ?? 0) > begun);
  }

  private async apply<T>(operation: StoreOperation, apply: () => T): Promise<T> {
    this.sent.push(operation);
    if (this.away) throw new Error('away, by command of the test');
    await this.gatesBefore.get(operation)?.pass();
    const failure = this.failures.get(operation);
    if (failure) {
      if (failure.applied) apply();
      throw new Error('failed, by command of the test');
    }
    const reply = apply();
    await this.gatesAfter.get(operation)?.pass();
    return reply;
  }
}
