import fc from 'fast-check';
import { FULLY_ON, type RolloutState } from '../../libs/redis-cache/src/rollout/rollout-state.js';
import type { FarOperation } from '../support/memory-far.store.js';

export const PROCESSES = 3;
export const TENANTS = ['acme', 'other'] as const;
export const KEYS = ['k1', 'k2'] as const;
/** The other one has no tags. */
export const TAGGED = KEYS[0];

/** What the cache is switched to; null is what the options say. */
const STATES: readonly (RolloutState | null)[] = [
  { mode: 'off' },
  { mode: 'shadow' },
  { mode: 'on', percent: 0, tenants: ['acme'] },
  FULLY_ON,
  FULLY_ON,
  null,
];

/** A change, after which the lead is evicted by a stamp. */
export type ByStamp = 'tag' | 'resultTag' | 'cache' | 'tenant' | 'all';

/**
 * How a lead is changed: written, under a key known before or by its result, or evicted by what. Not at all
 * by a put whose method fails.
 */
export type By = ByStamp | 'key' | 'pattern' | 'put' | 'putResult' | 'failingPut' | 'set';

/** Commands that may be on their way for a while. */
const HELD = [
  ...(['get', 'stamp', 'acquire', 'claim', 'fill', 'store', 'release', 'discard'] as const),
  ...(['evict', 'evict', 'renewStamp', 'renewStamp', 'sweep', 'announce'] as const),
] satisfies FarOperation[];

/** One thing that happens to a group of processes. */
export type Step =
  | { kind: 'read'; process: number; tenant: number; key: number; fails?: boolean }
  /** Its load ends when a later step says so; where the entry is old enough, it is a refresh. */
  | { kind: 'slowRead'; process: number; tenant: number; key: number; fails?: boolean }
  /** A read that has an entry loaded anew behind it, however fresh it is. */
  | {
      kind: 'refresh';
      process: number;
      tenant: number;
      key: number;
      slow: boolean;
      fails?: boolean;
    }
  /** Without a load, as `get`, `exists` and `getWithTtl` do; of all keys at once, as `mget` does. */
  | { kind: 'lookUp'; process: number; tenant: number; key: number; all: boolean }
  | { kind: 'explain'; process: number; tenant: number; key: number }
  | { kind: 'finish'; which: number }
  /** The next command of this kind is late, or what is answered to it… */
  | { kind: 'hold'; process: number; operation: FarOperation; at: 'before' | 'after' }
  /** … until then, or until something happens that takes its time. */
  | { kind: 'letGo'; process: number }
  | { kind: 'change'; process: number; tenant: number; key: number; by: By }
  /** Changes of which none waits for the one before. */
  | { kind: 'changes'; process: number; tenant: number; key: number; by: readonly By[] }
  | { kind: 'switch'; process: number; to: RolloutState | null }
  /**
   * All have heard of it, and whatever belongs to tenants whom every process leaves out changes: nobody
   * evicts it.
   */
  | { kind: 'changeUnseen'; process: number; to: RolloutState | null }
  /** Messages arrive late: in any order, but for those on one key; now and then twice. */
  | { kind: 'deliver'; process: number; which: number; twice: boolean }
  | { kind: 'deliverAll'; process: number }
  /** Messages are lost from now on, which the process finds out when it loses the bus. */
  | { kind: 'silenceBus'; process: number }
  | { kind: 'loseBus'; process: number }
  | { kind: 'regainBus'; process: number }
  | { kind: 'disconnect'; process: number }
  | { kind: 'reconnect'; process: number }
  | { kind: 'failNextEvict'; process: number }
  | { kind: 'loseData' }
  | { kind: 'loseStamps' }
  /** Of Redis, with all its data or none. */
  | { kind: 'restart'; withData: boolean }
  /** A replica is up to date now… */
  | { kind: 'replicate' }
  /** … and is promoted, without what was written since. */
  | { kind: 'failover' }
  /** A process ends without a word, and another one begins; maybe one that keeps its entries apart. */
  | { kind: 'die'; process: number; apart: boolean }
  /** The way of a process to the persistent store: cut, well again, or so late for each command. */
  | { kind: 'cutStore'; process: number }
  /** The same and from Redis, at once. */
  | { kind: 'isolate'; process: number }
  | { kind: 'healStore'; process: number }
  | { kind: 'slowStore'; process: number; ms: number }
  /** What the store knows of invalidations is lost: only one that judges by ids can bear it. */
  | { kind: 'loseMarks' }
  | { kind: 'advance'; ms: number }
  /** The clock of one process goes on, and no other. */
  | { kind: 'jump'; process: number; ms: number };

export type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;

/** What takes its time, or takes a connection away: no command is on its way any more by then. */
export const TAKES_TIME: ReadonlySet<Step['kind']> = new Set([
  ...(['switch', 'changeUnseen', 'silenceBus', 'loseBus', 'regainBus', 'disconnect'] as const),
  ...(['reconnect', 'failNextEvict', 'loseData', 'loseStamps', 'restart', 'replicate'] as const),
  ...(['failover', 'die', 'cutStore', 'isolate', 'healStore', 'slowStore', 'loseMarks'] as const),
  ...(['changes', 'advance', 'jump'] as const),
]);

const process = fc.nat(PROCESSES - 1);
/** Mostly the same lead, so that what happens has to do with what happened. */
const entry = { process, tenant: mostlyFirst(TENANTS), key: mostlyFirst(KEYS) };
const by = fc.constantFrom<By>(
  ...(['key', 'key', 'key', 'put', 'put', 'putResult', 'failingPut'] as const),
  ...(['pattern', 'tag', 'resultTag', 'cache', 'tenant', 'all'] as const),
);
/** A set whose command is late may come behind what others do, who cannot know: here nothing is late. */
const atOnce = fc.array(fc.oneof(by, fc.constant<By>('set')), { minLength: 1, maxLength: 4 });
const ms = fc.constantFrom(1, 50, 2_500, 6_000, 12_000);
const at = fc.constantFrom('before' as const, 'after' as const);
const fails = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true));

interface Weighted {
  weight: number;
  arbitrary: fc.Arbitrary<Step>;
}

/** Of messages and of Redis. */
const OF_REDIS: Weighted[] = [
  { weight: 6, arbitrary: step('read', { ...entry, fails }) },
  { weight: 4, arbitrary: step('slowRead', { ...entry, fails }) },
  { weight: 2, arbitrary: step('refresh', { ...entry, slow: fc.boolean(), fails }) },
  { weight: 3, arbitrary: step('lookUp', { ...entry, all: fc.boolean() }) },
  { weight: 1, arbitrary: step('explain', entry) },
  { weight: 4, arbitrary: step('finish', { which: fc.nat(3) }) },
  { weight: 6, arbitrary: step('change', { ...entry, by }) },
  { weight: 2, arbitrary: step('changes', { ...entry, by: atOnce }) },
  { weight: 5, arbitrary: step('hold', { process, operation: fc.constantFrom(...HELD), at }) },
  { weight: 2, arbitrary: step('letGo', { process }) },
  { weight: 3, arbitrary: step('switch', { process, to: fc.constantFrom(...STATES) }) },
  { weight: 2, arbitrary: step('changeUnseen', { process, to: fc.constantFrom(...STATES) }) },
  { weight: 4, arbitrary: step('deliver', { process, which: fc.nat(3), twice: fc.boolean() }) },
  { weight: 2, arbitrary: step('deliverAll', { process }) },
  { weight: 1, arbitrary: step('silenceBus', { process }) },
  { weight: 1, arbitrary: step('loseBus', { process }) },
  { weight: 2, arbitrary: step('regainBus', { process }) },
  { weight: 1, arbitrary: step('disconnect', { process }) },
  { weight: 3, arbitrary: step('reconnect', { process }) },
  { weight: 1, arbitrary: step('failNextEvict', { process }) },
  { weight: 1, arbitrary: fc.oneof(step('loseData', {}), step('loseStamps', {})) },
  { weight: 1, arbitrary: step('restart', { withData: fc.boolean() }) },
  { weight: 2, arbitrary: step('replicate', {}) },
  { weight: 2, arbitrary: step('failover', {}) },
  { weight: 1, arbitrary: step('die', { process, apart: fc.boolean() }) },
  { weight: 3, arbitrary: step('advance', { ms }) },
  { weight: 1, arbitrary: step('jump', { process, ms }) },
];

const one = mostlyFirst(Array.from({ length: PROCESSES }));
const itsEntry = { process: one, tenant: mostlyFirst(TENANTS), key: mostlyFirst(KEYS) };

/** The same, and mostly of one process and its connection. */
const OF_ONE: Weighted[] = [
  ...OF_REDIS,
  { weight: 16, arbitrary: step('read', { ...itsEntry, fails }) },
  { weight: 8, arbitrary: step('slowRead', { ...itsEntry, fails }) },
  { weight: 4, arbitrary: step('refresh', { ...itsEntry, slow: fc.boolean(), fails }) },
  { weight: 4, arbitrary: step('lookUp', { ...itsEntry, all: fc.boolean() }) },
  { weight: 8, arbitrary: step('finish', { which: fc.nat(1) }) },
  { weight: 12, arbitrary: step('change', { ...itsEntry, by }) },
  { weight: 4, arbitrary: step('changes', { ...itsEntry, by: atOnce }) },
  { weight: 8, arbitrary: step('disconnect', { process: one }) },
  { weight: 8, arbitrary: step('reconnect', { process: one }) },
];

/** The same where a store is behind it: mostly of its outages, and those of Redis. */
const WITH_STORE: Weighted[] = [
  ...OF_ONE,
  { weight: 3, arbitrary: step('restart', { withData: fc.boolean() }) },
  { weight: 8, arbitrary: step('cutStore', { process: one }) },
  { weight: 8, arbitrary: step('isolate', { process: one }) },
  { weight: 10, arbitrary: step('healStore', { process: one }) },
  { weight: 3, arbitrary: step('slowStore', { process: one, ms: fc.constantFrom(40, 150, 400) }) },
  { weight: 1, arbitrary: step('loseMarks', {}) },
  { weight: 8, arbitrary: step('advance', { ms }) },
];

/** The same where it is started anew, with its entries kept apart or not. */
const WITH_RESTARTS: Weighted[] = [
  ...OF_ONE,
  { weight: 8, arbitrary: step('deliverAll', { process: one }) },
  { weight: 16, arbitrary: step('die', { process: one, apart: fc.boolean() }) },
];

/** What process does to an entry while its command is late, and what others do meanwhile. */
const races: fc.Arbitrary<Step[]> = fc
  .record({
    entry: fc.record({ tenant: mostlyFirst(TENANTS), key: mostlyFirst(KEYS) }),
    processes: fc.shuffledSubarray([...Array(PROCESSES).keys()], { minLength: 2, maxLength: 2 }),
    isAlone: fc.boolean(),
    hold: fc.record({ operation: fc.constantFrom(...HELD), at }),
    first: acts(),
    meanwhile: acts(),
    tells: fc.boolean(),
  })
  .map(({ entry, processes: [process = 0, other = 1], isAlone, hold, first, meanwhile, tells }) => {
    const here = { ...entry, process };
    const there = { ...entry, process: isAlone ? process : other };
    return [
      { kind: 'read', ...entry, process: other },
      { kind: 'hold', process, ...hold },
      { ...first, ...here },
      { ...meanwhile, ...there },
      ...(tells ? [{ kind: 'deliverAll', process } as const] : []),
      { kind: 'letGo', process },
      { kind: 'read', ...here },
    ];
  });

/** None; one that has an order of all invalidations, as PostgreSQL; one on Keyv. */
export type StoreKind = 'none' | 'ordered' | 'keyv';

/** Processes of one kind, and what happens to them. */
export interface Story {
  readonly store: StoreKind;
  /** Whether they have a near tier. */
  readonly near: boolean;
  readonly steps: readonly Step[];
}

/** What happens, in any order. */
export const stories: fc.Arbitrary<Story> = fc.oneof(
  fc.record({
    store: fc.constant<StoreKind>('none'),
    near: fc.constant(true),
    steps: fc.oneof(sequence(OF_REDIS), sequence(WITH_RESTARTS)),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      store: fc.constantFrom<StoreKind>('ordered', 'keyv'),
      near: fc.boolean(),
      steps: sequence(WITH_STORE),
    }),
  },
);

/** Each of them one step, or a race of several. */
function sequence(weighted: Weighted[]): fc.Arbitrary<Step[]> {
  const one = fc.oneof(...weighted).map((only) => [only]);
  const some = fc.oneof({ weight: 9, arbitrary: one }, { weight: 1, arbitrary: races });
  return fc.array(some, { minLength: 5, maxLength: 30 }).map((all) => all.flat());
}

/** Calls and changes, of an entry yet to be said. */
function acts(): fc.Arbitrary<StepOf<'read' | 'slowRead' | 'refresh' | 'lookUp' | 'change'>> {
  const none = { process: fc.constant(0), tenant: fc.constant(0), key: fc.constant(0) };
  return fc.oneof(
    { weight: 2, arbitrary: step('read', { ...none, fails }) },
    step('slowRead', { ...none, fails }),
    step('refresh', { ...none, slow: fc.boolean(), fails }),
    { weight: 2, arbitrary: step('lookUp', { ...none, all: fc.boolean() }) },
    { weight: 6, arbitrary: step('change', { ...none, by }) },
  );
}

function step<K extends Step['kind']>(
  kind: K,
  fields: { readonly [F in Exclude<keyof StepOf<K>, 'kind'>]: fc.Arbitrary<StepOf<K>[F]> },
): fc.Arbitrary<StepOf<K>> {
  return fc.record({ kind: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<StepOf<K>>;
}

function mostlyFirst(items: readonly unknown[]): fc.Arbitrary<number> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(items.length - 1));
}
