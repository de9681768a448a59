import fc from 'fast-check';
import { FULLY_ON, type RolloutState } from '../../libs/redis-cache/src/rollout/rollout-state.js';

export const PROCESSES = 3;
export const TENANTS = ['acme', 'other'] as const;
export const KEYS = ['k1', 'k2'] as const;

/** What the cache is switched to; null is what the options say. */
const STATES: readonly (RolloutState | null)[] = [
  { mode: 'off' },
  { mode: 'shadow' },
  { mode: 'on', percent: 0, tenants: ['acme'] },
  FULLY_ON,
  FULLY_ON,
  null,
];

/** How a lead is changed: written, under a key known before or by its result, or evicted by what. */
export type By =
  'key' | 'pattern' | 'tag' | 'resultTag' | 'cache' | 'tenant' | 'all' | 'put' | 'putResult';

/** One thing that happens to a group of processes. */
export type Step =
  | { kind: 'read'; process: number; tenant: number; key: number }
  /** Its load ends when a later step says so; where the entry is old enough, it is a refresh. */
  | { kind: 'slowRead'; process: number; tenant: number; key: number }
  | { kind: 'finish'; which: number }
  | { kind: 'change'; process: number; tenant: number; key: number; by: By }
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

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;

const process = fc.nat(PROCESSES - 1);
/** Mostly the same lead, so that what happens has to do with what happened. */
const entry = { process, tenant: mostlyFirst(TENANTS), key: mostlyFirst(KEYS) };
const by = fc.constantFrom<By>(
  ...(['key', 'key', 'key', 'put', 'put', 'putResult'] as const),
  ...(['pattern', 'tag', 'resultTag', 'cache', 'tenant', 'all'] as const),
);
const ms = fc.constantFrom(1, 50, 2_500, 6_000, 12_000);

interface Weighted {
  weight: number;
  arbitrary: fc.Arbitrary<Step>;
}

/** Of messages and of Redis. */
const OF_REDIS: Weighted[] = [
  { weight: 6, arbitrary: step('read', entry) },
  { weight: 4, arbitrary: step('slowRead', entry) },
  { weight: 4, arbitrary: step('finish', { which: fc.nat(3) }) },
  { weight: 6, arbitrary: step('change', { ...entry, by }) },
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

/** The same where a store is behind it: mostly of its outages, those of Redis, and one process. */
function withStore(): Weighted[] {
  const process = mostlyFirst(Array.from({ length: PROCESSES }));
  const entry = { process, tenant: mostlyFirst(TENANTS), key: mostlyFirst(KEYS) };
  return [
    ...OF_REDIS,
    { weight: 16, arbitrary: step('read', entry) },
    { weight: 8, arbitrary: step('slowRead', entry) },
    { weight: 8, arbitrary: step('finish', { which: fc.nat(1) }) },
    { weight: 12, arbitrary: step('change', { ...entry, by }) },
    { weight: 8, arbitrary: step('disconnect', { process }) },
    { weight: 8, arbitrary: step('reconnect', { process }) },
    { weight: 3, arbitrary: step('restart', { withData: fc.boolean() }) },
    { weight: 8, arbitrary: step('cutStore', { process }) },
    { weight: 8, arbitrary: step('isolate', { process }) },
    { weight: 10, arbitrary: step('healStore', { process }) },
    { weight: 3, arbitrary: step('slowStore', { process, ms: fc.constantFrom(40, 150, 400) }) },
    { weight: 1, arbitrary: step('loseMarks', {}) },
    { weight: 8, arbitrary: step('advance', { ms }) },
  ];
}

/** The same where one process is mostly cut off, or started anew with its entries kept apart, or not. */
function withRestarts(): Weighted[] {
  const process = mostlyFirst(Array.from({ length: PROCESSES }));
  const entry = { process, tenant: mostlyFirst(TENANTS), key: mostlyFirst(KEYS) };
  return [
    ...OF_REDIS,
    { weight: 16, arbitrary: step('read', entry) },
    { weight: 8, arbitrary: step('slowRead', entry) },
    { weight: 8, arbitrary: step('finish', { which: fc.nat(1) }) },
    { weight: 12, arbitrary: step('change', { ...entry, by }) },
    { weight: 8, arbitrary: step('deliverAll', { process }) },
    { weight: 8, arbitrary: step('disconnect', { process }) },
    { weight: 6, arbitrary: step('reconnect', { process }) },
    { weight: 16, arbitrary: step('die', { process, apart: fc.boolean() }) },
  ];
}

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
    steps: fc.oneof(sequence(OF_REDIS), sequence(withRestarts())),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      store: fc.constantFrom<StoreKind>('ordered', 'keyv'),
      near: fc.boolean(),
      steps: sequence(withStore()),
    }),
  },
);

function sequence(weighted: Weighted[]): fc.Arbitrary<Step[]> {
  return fc.array(fc.oneof(...weighted), { minLength: 5, maxLength: 40 });
}

function step<K extends Step['kind']>(
  kind: K,
  fields: { readonly [F in Exclude<keyof StepOf<K>, 'kind'>]: fc.Arbitrary<StepOf<K>[F]> },
): fc.Arbitrary<Step> {
  return fc.record({ kind: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<Step>;
}

function mostlyFirst(items: readonly unknown[]): fc.Arbitrary<number> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(items.length - 1));
}
