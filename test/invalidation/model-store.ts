import { asBuffer } from '../../libs/redis-cache/src/codec/binary.js';
import { decodeEntry } from '../../libs/redis-cache/src/codec/envelope.js';
import { KeyvStore } from '../../libs/redis-cache/src/persistence/keyv.store.js';
import type {
  PersistedErasure,
  PersistedLook,
  PersistedWrite,
  PersistentStore,
} from '../../libs/redis-cache/src/persistence/persistent-store.interface.js';
import type { FakeClock } from '../support/fake-clock.js';
import { MemoryKeyv } from '../support/memory-keyv.js';
import { MemoryPersistentStore, SharedRows } from '../support/memory-persistent.store.js';
import { Floor } from './floors.js';
import type { StoreKind } from './model-steps.js';

/** Tells which leads an invalidation of a name hits, and what the source has of them by now. */
export type Hit = (name: string) => Floor;

/** What all processes keep entries in, and what it may not give any more. */
export class ModelStore {
  /** What it has taken of invalidations. */
  readonly taken = new Floor();
  readonly violations: string[] = [];
  private readonly rows = new SharedRows();
  private readonly data = new Map<string, string>();

  constructor(
    private readonly kind: StoreKind,
    private readonly clock: FakeClock,
    private readonly hit: Hit,
  ) {}

  get isThere(): boolean {
    return this.kind !== 'none';
  }

  /** The way of a process to it. */
  link(clock: FakeClock): ModelLink | undefined {
    if (this.kind === 'none') return undefined;
    const way = new Way(clock);
    return new ModelLink(this.kind === 'keyv' ? this.overKeyv(way) : this.ordered(way), way, this);
  }

  loseMarks(): void {
    for (const key of this.data.keys()) if (key.includes('-mark-')) this.data.delete(key);
  }

  /** What it has taken once these names are invalidated: whatever was loaded before. */
  promised(names: readonly string[]): Floor {
    const floor = new Floor();
    for (const name of names) floor.raiseBy(this.hit(name));
    return floor;
  }

  check(key: string, { entry }: PersistedLook, floor: Floor): void {
    const decoded = entry && decodeEntry(entry.bytes);
    if (decoded?.kind !== 'entry') return;
    const {
      tenant,
      key: lead,
      version,
    } = JSON.parse(asBuffer(decoded.payload).toString()) as {
      tenant: string;
      key: string;
      version: number;
    };
    const name = `${tenant}/${lead}`;
    if (!key.includes(`{${tenant}/`)) this.violations.push(`the store gave ${name} for ${key}`);
    if (version >= floor.of(name)) return;
    this.violations.push(`the store gave ${name}@${version}, after ${floor.of(name)}`);
  }

  /** A command is a step of its own. */
  private overKeyv(way: Way): PersistentStore {
    const data = new MemoryKeyv(this.data);
    return new KeyvStore({
      keyv: {
        get: (key) => way.over(() => data.get(key)),
        set: (key, value) => way.over(() => data.set(key, value)),
        delete: (key) => way.over(() => data.delete(key)),
        iterator: () => data.iterator(),
      },
    });
  }

  /** A statement is. */
  private ordered(way: Way): PersistentStore {
    const store = new MemoryPersistentStore(this.clock, this.rows);
    return {
      open: () => way.over(() => store.open()),
      look: (key) => way.over(() => store.look(key)),
      put: (write) => way.over(() => store.put(write)),
      invalidate: (names) => way.over(() => store.invalidate(names)),
      erase: (erasure) => way.over(() => store.erase(erasure)),
      sweep: () => way.over(() => store.sweep()),
      close: () => store.close(),
    };
  }
}

/** How commands of a process fare. */
class Way {
  state: 'well' | 'cut' | { readonly lateMs: number } = 'well';
  /** Commands that are late. */
  late = 0;

  constructor(private readonly clock: FakeClock) {}

  /** What is late is done all the same, though nobody may wait for it any more. */
  async over<T>(send: () => Promise<T>): Promise<T> {
    const { state } = this;
    if (state === 'cut') throw new Error('cut, by the model');
    if (state !== 'well') {
      this.late += 1;
      await new Promise<void>((resolve) => void this.clock.schedule(state.lateMs, resolve));
      this.late -= 1;
    }
    return send();
  }
}

/** The store of one process: what comes through is held against what the store has taken. */
export class ModelLink implements PersistentStore {
  constructor(
    private readonly store: PersistentStore,
    private readonly way: Way,
    private readonly model: ModelStore,
  ) {}

  get isBusy(): boolean {
    return this.way.late > 0;
  }

  cut(): void {
    this.way.state = 'cut';
  }

  slow(lateMs: number): void {
    this.way.state = { lateMs };
  }

  heal(): void {
    this.way.state = 'well';
  }

  open(): Promise<void> {
    return this.store.open();
  }

  async look(key: string, names: readonly string[]): Promise<PersistedLook> {
    const floor = Floor.copyOf(this.model.taken);
    const look = await this.store.look(key, names);
    this.model.check(key, look, floor);
    return look;
  }

  put(write: PersistedWrite): Promise<boolean> {
    return this.store.put(write);
  }

  async invalidate(names: readonly string[], next?: readonly string[]): Promise<string> {
    const promised = this.model.promised(names);
    const point = await this.store.invalidate(names, next);
    this.model.taken.raiseBy(promised);
    return point;
  }

  erase(erasure: PersistedErasure): Promise<number> {
    return this.store.erase(erasure);
  }

  sweep(): Promise<void> {
    return this.store.sweep();
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
