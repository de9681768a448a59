import type { TextOrBytes } from '../../../libs/redis-cache/src/codec/binary.js';
import type { BusMessage } from '../../../libs/redis-cache/src/invalidation/bus-message.js';
import type { Reply } from '../../../libs/redis-cache/src/resilience/reply.interface.js';
import type {
  Acquired,
  FarStore,
  StoreRequest,
} from '../../../libs/redis-cache/src/stores/far-store.interface.js';

/** A far store to be tested, with a look at what it has stored. */
export interface FarStoreSubject {
  readonly store: FarStore;
  /** How long the entry still lives; undefined when there is none. */
  entryLifeMs(entryKey: string): Promise<number | undefined>;
  /** As above, of its lease. */
  leaseLifeMs(entryKey: string): Promise<number | undefined>;
  /** What the store tells other processes from now on, in order, once all of it has arrived. */
  listen(): Promise<() => Promise<BusMessage[]>>;
  /** Lets time pass, as the store counts it. */
  pass(ms: number): Promise<void>;
}

export const MINE = 'token-of-mine';
export const THEIRS = 'token-of-theirs';
export const OTHERS = 'token-of-others';

/** Long enough never to end within a test. */
export const LONG_MS = 60_000;
/** Shorter, and as certain not to end. */
export const LESS_MS = 5_000;
/** Short enough to wait for. */
export const SHORT_MS = 40;
export const AFTER_SHORT_MS = 60;

/** The largest entry that is told along with the name of the one before it. */
export const TOLD_BYTES = 200;

/** Bytes that text would not survive: zeros, invalid UTF-8, line ends. */
export const BINARY = Buffer.from([0, 1, 0, 0xff, 0xfe, 13, 10, 0, 0x80, 7]);
export const OTHER = Buffer.from([0, 1, 0, 0xff, 0xfe, 13, 10, 0, 0x81, 7]);

/** One entry of a far store, as a test of the contract handles it. */
export class FarStoreTrial {
  /** Tokens of leases, as this process was told that they were given. */
  readonly given: string[] = [];

  constructor(
    readonly subject: FarStoreSubject,
    /** That no other test uses. */
    readonly key: string,
  ) {}

  get store(): FarStore {
    return this.subject.store;
  }

  acquire(
    token: string,
    known?: Uint8Array,
    leaseMs = LONG_MS,
    takeOverBelowMs = 0,
  ): Reply<Acquired> {
    const onGiven = () => this.given.push(token);
    return this.store.acquire(this.key, { token, leaseMs, known, takeOverBelowMs, onGiven });
  }

  claim(token: string): Reply<boolean> {
    const onGiven = () => this.given.push(token);
    return this.store.claim(this.key, { token, leaseMs: LONG_MS, onGiven });
  }

  fill(token: string, bytes: Uint8Array, ttlMs = LONG_MS): Reply<boolean> {
    return this.store.fill(this.key, token, { bytes, ttlMs, announce: false });
  }

  /** Stores it by one command, that has as long as it takes. */
  async storeAtOnce(bytes: TextOrBytes, how: Partial<StoreRequest> = {}): Promise<boolean> {
    const untilMs = this.store.nowMs() + LONG_MS;
    const isOutdated = () => false;
    const ttlMs = LONG_MS;
    return this.store.store(this.key, { bytes, ttlMs, untilMs, isOutdated, ...how });
  }

  /** Has an entry there. */
  async put(bytes: Uint8Array, ttlMs = LONG_MS): Promise<void> {
    await this.claim(THEIRS);
    expect(await this.fill(THEIRS, bytes, ttlMs)).toBe(true);
  }

  get(): Reply<Buffer | undefined> {
    return this.store.get(this.key);
  }

  async expectEntryLife(ms: number | undefined): Promise<void> {
    expectLife(await this.subject.entryLifeMs(this.key), ms);
  }

  async expectLeaseLife(ms: number | undefined): Promise<void> {
    expectLife(await this.subject.leaseLifeMs(this.key), ms);
  }
}

/** What a test may take between a command and the look at what is left of a span. */
const SLACK_MS = 4_000;

function expectLife(actual: number | undefined, expected: number | undefined): void {
  if (expected === undefined || actual === undefined) {
    expect(actual).toBe(expected);
    return;
  }
  expect(actual).toBeLessThanOrEqual(expected);
  expect(actual).toBeGreaterThan(expected - SLACK_MS);
}
