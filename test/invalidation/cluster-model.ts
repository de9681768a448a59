import type { ScopedEntry } from '../../libs/redis-cache/src/cache/entry-scope.js';
import { parseDocument } from '../../libs/redis-cache/src/rollout/rollout-document.js';
import { FakeClock } from '../support/fake-clock.js';
import { Gate } from '../support/gate.js';
import { SharedMemory } from '../support/memory-far.store.js';
import { Floor } from './floors.js';
import { ModelProcess } from './model-process.js';
import { ModelSource, nameOf, type Value } from './model-source.js';
import { ModelStore } from './model-store.js';
import { PROCESSES, TENANTS, type Step, type Story } from './model-steps.js';
import { Replica } from './model-replica.js';

type Change = Extract<Step, { kind: 'change' }>;

/** Clocks go on by this much at a time, one after the other: as often as a lease is renewed. */
const SLICE_MS = 1_000;
/** Long enough for all that waits to give up, with nothing left that depends on an order of clocks. */
const AT_LAST_MS = 60_000;
/** Whoever waits for a store that is late is looked after this often. */
const WAITING_MS = 50;

/**
 * Several processes on one far store and one bus, and the source that they cache. After every
 * invalidation that was acknowledged it knows what each process may still answer, and says so when
 * one answers anything older, or another tenant's. The same of the persistent store, where there is one.
 */
export class ClusterModel {
  readonly violations: string[];
  private readonly serverClock = new FakeClock();
  private readonly memory = new SharedMemory();
  private readonly source = new ModelSource();
  private readonly near: boolean;
  private readonly store: ModelStore;
  private readonly processes: ModelProcess[];
  private readonly dead: ModelProcess[] = [];
  /** What Redis has acknowledged and not lost. */
  private acknowledged = new Floor();
  private readonly replica: Replica;
  /** What those have changed who kept their entries apart and have died: whoever starts begins anew. */
  private apart = new Floor();
  private readonly gates: Gate[] = [];
  private readonly calls: { readonly of: ModelProcess; readonly answered: Promise<void> }[] = [];

  constructor({ store: kind, near }: Omit<Story, 'steps'>) {
    this.near = near;
    this.store = new ModelStore(kind, this.serverClock, (name) => this.source.hitOf(name));
    this.violations = this.store.violations;
    const { memory } = this;
    this.processes = Array.from({ length: PROCESSES }, () =>
      this.newProcess(new FakeClock(), false),
    );
    this.replica = new Replica(memory, this.processes);
    this.source.learnNames(this.processes[0] as ModelProcess);
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
    await this.advance(AT_LAST_MS / 10); // by then a store is open again
    for (const process of this.processes) process.bus.deliverAll();
    for (const process of this.processes) {
      for (const ref of process.entries) this.read(process, ref);
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
      case 'switch':
        return this.process(step).switchTo(step.to);
      case 'changeUnseen':
        await this.process(step).switchTo(step.to);
        for (const { bus } of this.processes) bus.deliverAll();
        await this.advance(0);
        this.changeUnseen();
        return;
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
        this.process(step).failNextEvict();
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
        this.apart = new Floor();
        this.forgetOwed();
        this.closeConnections();
        return;
      case 'die':
        return this.replace(step.process, step.apart);
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
      const value = this.source.valueOf(ref);
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
    const messageKey = await this.waitFor(process.change(ref, step.by, this.source));
    process.node.far.heal();
    const changed = this.source.changedBy(ref, step.by);
    process.own.raiseBy(changed);
    if (!wasAvailable || !process.node.far.available) {
      process.unsent.raise(messageKey, changed);
      return;
    }
    process.unreplicated.raise(messageKey, changed);
    this.acknowledge(process, messageKey, changed);
  }

  private changeUnseen(): void {
    for (const tenant of TENANTS.keys()) {
      const refs = this.processes.map((process) => process.entry(tenant, 0));
      if (refs.some(({ scope }) => scope.mode === 'on')) continue;
      const changed = this.source.changeAll(refs[0] as ScopedEntry);
      // Whoever is served again, by whomever, is served nothing from before.
      for (const { own } of this.processes) own.raiseBy(changed);
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

  private newProcess(clock: FakeClock, apart: boolean): ModelProcess {
    const { memory, serverClock, store, near } = this;
    return new ModelProcess({ memory, serverClock, store, near, apart, clock });
  }

  /** Another process takes its place, which knows nothing. */
  private async replace(number: number, apart: boolean): Promise<void> {
    const old = this.processes[number] as ModelProcess;
    old.die();
    this.dead.push(old);
    if (old.apart && this.isNoted) this.apart.raiseBy(this.beyondDoubt(old.own));
    const next = this.newProcess(new FakeClock(old.clock.nowMs()), apart);
    this.processes[number] = next;
    next.disconnect();
    await this.reconnect(next);
    if (!apart) next.own.raiseBy(this.apart);
    else if (next.usesRedis && !this.isNoted) {
      this.violations.push(`nobody can know that process ${number} keeps its entries apart`);
    }
    await next.node.openStore();
  }

  /** Whether Redis knows that a process has kept its entries apart. */
  private get isNoted(): boolean {
    return (parseDocument(this.memory.rollouts)?.partings ?? 0) % 2 === 1;
  }

  /** What the store has not taken of it, it may give to others. */
  private beyondDoubt(changed: Floor): Floor {
    const floor = Floor.copyOf(changed);
    if (this.store.isThere) floor.lowerTo(this.store.taken);
    return floor;
  }

  private forgetOwed(): void {
    if (!this.store.isThere) return;
    this.acknowledged.lowerTo(this.store.taken);
    for (const process of this.processes) process.forgetBeyond(this.store.taken);
  }

  /** What waits for a store that is late waits for a clock. */
  private async waitFor<T>(work: Promise<T>): Promise<T> {
    const state = { ended: false };
    const end = (): void => {
      state.ended = true;
    };
    work.then(end, end);
    await this.advance(0);
    while (!state.ended) await this.advance(WAITING_MS, WAITING_MS);
    return work;
  }

  private async advance(ms: number, sliceMs = SLICE_MS): Promise<void> {
    const clocks = [this.serverClock, ...this.processes.map(({ clock }) => clock)];
    for (let leftMs = ms; leftMs >= 0; leftMs -= sliceMs) {
      for (const clock of clocks) await clock.advance(Math.min(leftMs, sliceMs));
      if (leftMs === 0) return;
    }
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
