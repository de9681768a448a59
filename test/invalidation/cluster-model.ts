import fc from 'fast-check';
import type { EntryRef } from '../../libs/redis-cache/src/cache/entry-ref.js';
import type { ScopedEntry } from '../../libs/redis-cache/src/cache/entry-scope.js';
import type { Invalidation } from '../../libs/redis-cache/src/invalidation/invalidation.js';
import { EngineHarness } from '../support/engine-harness.js';
import { FakeClock } from '../support/fake-clock.js';
import { Gate } from '../support/gate.js';
import { SharedMemory } from '../support/memory-far.store.js';

const PROCESSES = 3;
const TENANTS = ['acme', 'other'];
const KEYS = ['k1', 'k2'];
const POLICY = {
  ttl: '10s',
  grace: '20s',
  refreshAhead: 0.5,
  near: { ttl: '5s' },
  waitTimeout: '1s',
} as const;

type By = 'key' | 'pattern' | 'tag' | 'resultTag' | 'cache' | 'tenant' | 'all' | 'put';

/** One thing that happens to a group of processes. */
export type Step =
  | { kind: 'read'; process: number; tenant: number; key: number }
  | { kind: 'slowRead'; process: number; tenant: number; key: number }
  | { kind: 'finish'; which: number }
  | { kind: 'change'; process: number; tenant: number; key: number; by: By }
  | { kind: 'disconnect' | 'reconnect' | 'loseBus' | 'regainBus'; process: number }
  | { kind: 'failNextEvict'; process: number }
  | { kind: 'loseData' | 'loseStamps' }
  | { kind: 'advance'; ms: number };

const process = fc.nat(PROCESSES - 1);
const tenant = fc.nat(TENANTS.length - 1);
const key = fc.nat(KEYS.length - 1);
const by = fc.constantFrom<By>(
  'key',
  'pattern',
  'tag',
  'resultTag',
  'cache',
  'tenant',
  'all',
  'put',
);

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('read' as const), process, tenant, key }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('slowRead' as const), process, tenant, key }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('finish' as const), which: fc.nat(3) }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('change' as const), process, tenant, key, by }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'disconnect' as const,
          'reconnect',
          'reconnect',
          'loseBus',
          'regainBus',
        ),
        process,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('failNextEvict' as const), process }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('loseData' as const, 'loseStamps') }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('advance' as const),
        ms: fc.constantFrom(1, 50, 2_500, 6_000, 12_000),
      }),
    },
  ),
  { minLength: 5, maxLength: 40 },
);

interface Value {
  readonly tenant: string;
  readonly version: number;
}

/** What a process may not fall behind any more, by tenant and key. */
type Floor = Map<string, number>;

/**
 * Several processes on one far store and one bus, and the source that they cache. After every
 * invalidation that was acknowledged it knows what each process may still answer, and says so when
 * one answers anything older, or another tenant's.
 */
export class ClusterModel {
  private readonly clock = new FakeClock();
  private readonly memory = new SharedMemory();
  private readonly nodes = Array.from({ length: PROCESSES }, () => {
    return new EngineHarness({ clock: this.clock, memory: this.memory });
  });
  private readonly source = new Map<string, number>();
  private readonly floors: Floor[] = this.nodes.map(() => new Map());
  /** What Redis has acknowledged, and so holds for every process that can ask it or hears of it. */
  private readonly acknowledged: Floor = new Map();
  /** Changes that a process has made and Redis has not acknowledged. */
  private readonly unsent: Floor[] = this.nodes.map(() => new Map());
  private readonly gates: Gate[] = [];
  private readonly calls: Promise<void>[] = [];
  readonly violations: string[] = [];

  async run(all: readonly Step[]): Promise<void> {
    for (const step of all) {
      await this.take(step);
      await this.clock.advance(0);
    }
    for (const gate of this.gates) gate.open();
    await this.clock.advance(60_000);
    await Promise.all(this.calls);
  }

  private async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'read':
        this.read(step);
        return;
      case 'slowRead':
        this.read(step, this.newGate());
        return;
      case 'finish':
        this.gates[step.which]?.open();
        return;
      case 'change':
        return this.change(step);
      case 'advance':
        return this.clock.advance(step.ms);
      case 'loseData':
        this.memory.entries.clear();
        this.memory.leases.clear();
        this.memory.stamps.clear();
        return;
      case 'loseStamps':
        this.memory.stamps.clear();
        return;
      case 'failNextEvict':
        this.node(step.process).far.fail('evict');
        this.node(step.process).far.fail('renewStamp');
        this.node(step.process).far.fail('sweep');
        return;
      case 'disconnect':
        this.node(step.process).far.available = false;
        return;
      case 'reconnect':
        return this.reconnect(step.process);
      case 'loseBus':
        this.node(step.process).loseBus();
        return;
      case 'regainBus':
        this.node(step.process).regainBus();
        return;
    }
  }

  private read(
    { process, tenant, key }: { process: number; tenant: number; key: number },
    gate?: Gate,
  ): void {
    const node = this.node(process);
    const ref = this.ref(process, tenant, key);
    const name = nameOf(ref);
    const floor = this.floorOf(process, name);
    const load = async (): Promise<Value> => {
      const value = { tenant: String(ref.tenant), version: this.source.get(name) ?? 0 };
      await gate?.pass();
      return value;
    };
    const request = node.request(load, POLICY, { ref, ...tagsOf(ref) });
    this.calls.push(
      node.engine.getOrLoad(request).then((answer) => {
        const value = answer as Value;
        if (value.tenant !== ref.tenant) this.violations.push(`${name} answered ${value.tenant}'s`);
        if (value.version < floor) {
          this.violations.push(
            `process ${process} answered version ${value.version} of ${name}, after ${floor}`,
          );
        }
      }),
    );
  }

  private async change(step: Extract<Step, { kind: 'change' }>): Promise<void> {
    const { process, by } = step;
    const node = this.node(process);
    const ref = this.ref(process, step.tenant, step.key);
    const wasAvailable = node.far.available;
    const hit = this.hitBy(ref, by);
    if (by === 'put') {
      await node.engine.put(node.request(() => this.bump(hit), POLICY, { ref, ...tagsOf(ref) }));
    } else {
      this.bump(hit);
      if (by === 'key') await node.engine.evict(ref);
      else if (by === 'pattern') await node.engine.evictPattern(ref.tenant, `l*d/${ref.key}*`);
      else await node.engine.renewStamp(this.invalidation(node, ref, by));
    }
    node.far.heal();
    const acknowledged = wasAvailable && node.far.available;
    for (const name of hit) {
      const version = this.source.get(name) ?? 0;
      raise(this.floors[process], name, version);
      raise(acknowledged ? this.acknowledged : this.unsent[process], name, version);
    }
  }

  private async reconnect(process: number): Promise<void> {
    const node = this.node(process);
    if (node.far.available) return;
    node.far.heal();
    await node.far.comeBack();
    for (const [name, version] of this.unsent[process] as Floor)
      raise(this.acknowledged, name, version);
    this.unsent[process]?.clear();
  }

  /** What a call that begins now must not fall behind. */
  private floorOf(process: number, name: string): number {
    const own = this.floors[process]?.get(name) ?? 0;
    // Cut off from Redis, a process answers what it has; cut off from the bus, it may still join a
    // load that began before. What others do then, it cannot know.
    const { far, coherence } = this.node(process);
    if (!far.available || !coherence.trusted) return own;
    return Math.max(own, this.acknowledged.get(name) ?? 0);
  }

  private bump(names: readonly string[]): Value {
    for (const name of names) this.source.set(name, (this.source.get(name) ?? 0) + 1);
    const [first = ''] = names;
    return { tenant: first.split('/')[0] ?? '', version: this.source.get(first) ?? 0 };
  }

  private hitBy(ref: EntryRef, by: By): string[] {
    const names = TENANTS.flatMap((t) => KEYS.map((k) => `${t}/${k}`));
    if (by === 'all') return names;
    if (by !== 'tenant' && by !== 'cache') return [nameOf(ref)];
    return names.filter((name) => name.startsWith(`${String(ref.tenant)}/`));
  }

  private invalidation({ invalidations }: EngineHarness, ref: EntryRef, by: By): Invalidation {
    if (by === 'all') return invalidations.all();
    if (by === 'tenant') return invalidations.tenant(ref.tenant);
    if (by === 'cache') return invalidations.cache(ref.tenant, ref.cache, ref.version);
    return invalidations.tag(ref.tenant, `${by === 'tag' ? 'tag' : 'result'}:${ref.key}`);
  }

  private newGate(): Gate {
    const gate = new Gate();
    this.gates.unshift(gate);
    return gate;
  }

  private node(process: number): EngineHarness {
    return this.nodes[process] as EngineHarness;
  }

  private ref(process: number, tenant: number, key: number): ScopedEntry {
    return this.node(process).ref(KEYS[key], TENANTS[tenant]);
  }
}

/** One tag that is known from the arguments, one that only the value names. */
function tagsOf({ key }: EntryRef) {
  return { tags: [`tag:${key}`], resultTags: () => [`result:${key}`] };
}

function nameOf({ tenant, key }: EntryRef): string {
  return `${String(tenant)}/${key}`;
}

function raise(floor: Floor | undefined, name: string, version: number): void {
  floor?.set(name, Math.max(version, floor.get(name) ?? 0));
}
