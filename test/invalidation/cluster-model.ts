import type { ScopedEntry } from '../../libs/redis-cache/src/cache/entry-scope.js';
import { FakeClock } from '../support/fake-clock.js';
import { Gate } from '../support/gate.js';
import { SharedMemory } from '../support/memory-far.store.js';
import { Floor } from './floors.js';
import { ANY_MESSAGE } from './late-bus.js';
import { ModelProcess, type Value } from './model-process.js';
import { ModelStore } from './model-store.js';
import { KEYS, PROCESSES, TENANTS, type By, type Step, type Story } from './model-steps.js';
import { Replica } from './model-replica.js';

type Change = Extract<Step, { kind: 'change' }>;

/** Clocks go on by this much at a time, one after the other: as often as a lease is renewed. */
const SLICE_MS = 1_000;
/** Long enough for all that waits to give up, with nothing left that depends on an order of clocks. */
const AT_LAST_MS = 60_000;
/** Whoever waits for a store that is late is looked after this often. */
const WAITING_MS = 50;
/** By then a store is open again. */
const REOPENED_MS = 6_000;

/**
 * Several processes on one far store and one bus, and the source that they cache. After every
 * invalidation that was acknowledged it knows what each process may still answer, and says so when
 * one answers anything older, or another tenant's. The same of the persistent store, where there is one.
 */
export class ClusterModel {
  readonly violations: string[];
  private readonly serverClock = new FakeClock();
  private readonly memory = new SharedMemory();
  private readonly source = new Map<string, number>();
  private readonly near: boolean;
  private readonly store: ModelStore;
  private readonly processes: ModelProcess[];
  private readonly dead: ModelProcess[] = [];
  /** Leads by the key of what hits them. */
  private readonly hit = new Map<string, string[]>();
  /** What Redis has acknowledged and not lost. */
  private acknowledged = new Floor();
  private readonly replica: Replica;
  private readonly gates: Gate[] = [];
  private readonly calls: { readonly of: ModelProcess; readonly answered: Promise<void> }[] = [];

  constructor({ store: kind, near }: Omit<Story, 'steps'>) {
    this.near = near;
    this.store = new ModelStore(kind, this.serverClock, (name) => this.sourceOf(name));
    this.violations = this.store.violations;
    const { memory } = this;
    this.processes = Array.from({ length: PROCESSES }, () => this.newProcess(new FakeClock()));
    this.replica = new Replica(memory, this.processes);
    this.learnNames(this.processes[0] as ModelProcess);
  }

  /** How often a call was answered out of the persistent store. */
  get persistentHits(): number {
    return [...this.processes, ...this.dead].reduce(
      (sum, { node }) => sum + node.counters.persistentHits,
      0,
    );
  }

  async run(all: readonly Step[]): Promise<void> {
    for (const { node } of this.processes) await node.openStore();
    for (const step of all) {
      await this.take(step);
      await this.advance(0);
    }
    await this.atLast();
    for (const gate of this.gates) gate.open();
    await this.advance(AT_LAST_MS, AT_LAST_MS / 2);
    await Promise.all(this.calls.flatMap(({ of, answered }) => (of.isDead ? [] : answered)));
  }

  /** All faults are over, and everybody is asked for everything. */
  private async atLast(): Promise<void> {
    for (const process of this.processes) {
      process.link?.heal();
      await this.reconnect(process);
      process.regainBus(this.acknowledged);
    }
    await this.advance(REOPENED_MS);
    for (const process of this.processes) process.bus.deliverAll();
    for (const process of this.processes) {
      for (const tenant of TENANTS.keys()) {
        for (const key of KEYS.keys()) this.read(process, process.entry(tenant, key));
      }
    }
    await this.advance(0);
  }

  private async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'read': {
        const process = this.process(step);
        this.read(process, process.entry(step.tenant, step.key));
        return;
      }
      case 'slowRead': {
        const process = this.process(step);
        this.read(process, process.entry(step.tenant, step.key), this.newGate());
        return;
      }
      case 'finish':
        this.gates[step.which]?.open();
        return;
      case 'change':
        return this.change(step);
      case 'deliver':
        this.process(step).bus.deliver(step.which, step.twice);
        return;
      case 'deliverAll':
        this.process(step).bus.deliverAll();
        return;
      case 'silenceBus':
        this.process(step).silenceBus();
        return;
      case 'loseBus':
        this.process(step).loseBus();
        return;
      case 'regainBus':
        this.process(step).regainBus(this.acknowledged);
        return;
      case 'disconnect':
        this.process(step).disconnect();
        return;
      case 'reconnect':
        return this.reconnect(this.process(step));
      case 'failNextEvict':
        this.process(step).node.far.fail('evict');
        this.process(step).node.far.fail('renewStamp');
        this.process(step).node.far.fail('sweep');
        this.process(step).node.far.fail('owe');
        return;
      case 'loseData':
        this.memory.clear();
        this.forgetOwed();
        return;
      case 'loseStamps':
        this.memory.stamps.clear();
        return;
      case 'restart':
        if (!step.withData) {
          this.memory.clear();
          this.forgetOwed();
        }
        this.closeConnections();
        return;
      case 'replicate':
        this.replica.copy(this.acknowledged);
        return;
      case 'failover':
        if (!this.replica.isRecent) return;
        this.acknowledged = this.replica.promote();
        this.forgetOwed();
        this.closeConnections();
        return;
      case 'die':
        return this.replace(step.process);
      case 'cutStore':
        this.process(step).link?.cut();
        return;
      case 'isolate':
        this.process(step).disconnect();
        this.process(step).link?.cut();
        return;
      case 'healStore':
        this.process(step).link?.heal();
        return;
      case 'slowStore':
        this.process(step).link?.slow(step.ms);
        return;
      case 'loseMarks':
        this.store.loseMarks();
        return;
      case 'advance':
        return this.advance(step.ms);
      case 'jump':
        return this.process(step).clock.advance(step.ms);
    }
  }

  private read(process: ModelProcess, ref: ScopedEntry, gate?: Gate): void {
    const name = nameOf(ref);
    const floor = process.floorOf(name);
    const load = async (): Promise<Value> => {
      const value = this.valueOf(ref);
      await gate?.pass();
      return value;
    };
    const answered = process.node.engine.getOrLoad(process.request(ref, load)).then((answer) => {
      if (process.isDead) return;
      const { tenant, version } = answer as Value;
      if (tenant !== ref.tenant) this.violations.push(`${name} answered ${tenant}'s`);
      if (version >= floor) return;
      const number = this.processes.indexOf(process);
      this.violations.push(`process ${number} answered ${name}@${version}, after ${floor}`);
    });
    this.calls.push({ of: process, answered });
  }

  private async change(step: Change): Promise<void> {
    const process = this.process(step);
    const ref = process.entry(step.tenant, step.key);
    const wasAvailable = process.usesRedis;
    const messageKey = await this.waitFor(this.carryOut(process, ref, step.by));
    process.node.far.heal();
    const changed = new Floor();
    for (const name of this.hitBy(ref, step.by)) changed.raise(name, this.source.get(name) ?? 0);
    process.own.raiseBy(changed);
    if (!wasAvailable || !process.node.far.available) {
      process.unsent.raise(messageKey, changed);
      return;
    }
    process.unreplicated.raise(messageKey, changed);
    this.acknowledge(process, messageKey, changed);
  }

  /** @returns the key that other processes are told of */
  private async carryOut(process: ModelProcess, ref: ScopedEntry, by: By): Promise<string> {
    const { engine } = process.node;
    const write = (): Value => {
      this.bump(ref, by);
      return this.valueOf(ref);
    };
    switch (by) {
      case 'put':
        await engine.put(process.request(ref, write));
        return ref.redisKey;
      case 'putResult': {
        const request = process.request(ref, write);
        const begun = await engine.beginPut(request);
        await engine.putResult(request, write(), begun);
        return ref.redisKey;
      }
      case 'key':
        this.bump(ref, by);
        await engine.evict(ref);
        return ref.redisKey;
      case 'pattern':
        this.bump(ref, by);
        await engine.evictPattern(ref.tenant, `l*d/${ref.key}*`);
        return ANY_MESSAGE; // where Redis fails, it becomes an eviction of the tenant
      default: {
        const invalidation = process.invalidation(ref, by);
        this.bump(ref, by);
        await engine.renewStamp(invalidation);
        return invalidation.key;
      }
    }
  }

  private acknowledge(by: ModelProcess, messageKey: string, changed: Floor): void {
    this.acknowledged.raiseBy(changed);
    for (const other of this.processes) if (other !== by) other.mustHear(messageKey, changed);
  }

  private async reconnect(process: ModelProcess): Promise<void> {
    if (process.usesRedis) return;
    if (!(await process.reconnect())) return;
    for (const [messageKey, changed] of process.unsent.takeEach()) {
      process.unreplicated.raise(messageKey, changed);
      this.acknowledge(process, messageKey, changed);
    }
    process.startAnew(this.acknowledged);
  }

  private closeConnections(): void {
    for (const process of this.processes) {
      process.disconnect();
      process.loseBus();
    }
  }

  private newProcess(clock: FakeClock): ModelProcess {
    const { memory, serverClock, store, near } = this;
    return new ModelProcess({ memory, serverClock, store, near, clock });
  }

  /** Another process takes its place, which knows nothing. */
  private async replace(number: number): Promise<void> {
    const old = this.processes[number] as ModelProcess;
    old.die();
    this.dead.push(old);
    const next = this.newProcess(new FakeClock(old.clock.nowMs()));
    this.processes[number] = next;
    next.startAnew(this.acknowledged);
    await next.node.openStore();
  }

  private forgetOwed(): void {
    if (!this.store.isThere) return;
    this.acknowledged.lowerTo(this.store.taken);
    for (const process of this.processes) process.forgetBeyond(this.store.taken);
  }

  /** What waits for a store that is late waits for a clock. */
  private async waitFor<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = (): void => void (ended = true);
    work.then(end, end);
    for (await this.advance(0); !ended;) await this.advance(WAITING_MS, WAITING_MS);
    return work;
  }

  private async advance(ms: number, sliceMs = SLICE_MS): Promise<void> {
    const clocks = [this.serverClock, ...this.processes.map(({ clock }) => clock)];
    for (let leftMs = ms; leftMs >= 0; leftMs -= sliceMs) {
      for (const clock of clocks) await clock.advance(Math.min(leftMs, sliceMs));
      if (leftMs === 0) return;
    }
  }

  private bump(ref: ScopedEntry, by: By): void {
    for (const name of this.hitBy(ref, by)) this.source.set(name, (this.source.get(name) ?? 0) + 1);
  }

  private valueOf(ref: ScopedEntry): Value {
    const { key } = ref;
    return { tenant: String(ref.tenant), key, version: this.source.get(nameOf(ref)) ?? 0 };
  }

  private sourceOf(redisName: string): Floor {
    const floor = new Floor();
    const names = this.hit.get(redisName) ?? [];
    for (const name of names) floor.raise(name, this.source.get(name) ?? 0);
    return floor;
  }

  private learnNames(process: ModelProcess): void {
    for (const tenant of TENANTS.keys()) {
      for (const key of KEYS.keys()) {
        const ref = process.entry(tenant, key);
        this.hit.set(ref.redisKey, [nameOf(ref)]);
        for (const by of ['tag', 'resultTag', 'cache', 'tenant', 'all'] as const) {
          this.hit.set(process.invalidation(ref, by).key, this.hitBy(ref, by));
        }
      }
    }
  }

  private hitBy(ref: ScopedEntry, by: By): string[] {
    const names = TENANTS.flatMap((tenant) => KEYS.map((key) => `${tenant}/${key}`));
    if (by === 'all') return names;
    if (by === 'tenant' || by === 'cache') {
      return names.filter((name) => name.startsWith(`${String(ref.tenant)}/`));
    }
    return [nameOf(ref)];
  }

  private newGate(): Gate {
    const gate = new Gate();
    this.gates.unshift(gate);
    return gate;
  }

  private process(step: { readonly process: number }): ModelProcess {
    return this.processes[step.process] as ModelProcess;
  }
}

function nameOf({ tenant, key }: ScopedEntry): string {
  return `${String(tenant)}/${key}`;
}
