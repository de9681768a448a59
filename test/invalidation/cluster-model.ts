import { FakeClock } from '../support/fake-clock.js';
import { SharedMemory } from '../support/memory-far.store.js';
import { Floor } from './floors.js';
import { ModelCalls } from './model-calls.js';
import { ModelClocks, SLICE_MS } from './model-clocks.js';
import { ModelPartings } from './model-partings.js';
import { ModelProcess } from './model-process.js';
import { leftBehind, stillRunning } from './model-rest.js';
import { ModelSource } from './model-source.js';
import { ModelStore } from './model-store.js';
import {
  KEYS,
  PROCESSES,
  TAGGED,
  TAKES_TIME,
  type By,
  type Step,
  type StepOf,
  type Story,
} from './model-steps.js';
import { Replica } from './model-replica.js';
import { changeUnseen } from './model-unseen.js';

/** Long enough for all that waits to give up, with nothing left that depends on an order of clocks. */
const AT_LAST_MS = 60_000;

/**
 * Several processes on one far store and one bus, and the source that they cache. After every
 * invalidation that was acknowledged it knows what each process may still answer, and says so when
 * one answers anything older, or another tenant's. The same of the persistent store, where there is one.
 */
export class ClusterModel {
  readonly violations: string[];
  private readonly serverClock = new FakeClock();
  private readonly clocks = new ModelClocks(() => [
    this.serverClock,
    ...this.processes.map(({ clock }) => clock),
  ]);
  private readonly memory = new SharedMemory();
  private readonly source = new ModelSource();
  private readonly near: boolean;
  private readonly store: ModelStore;
  private readonly processes: ModelProcess[];
  private readonly dead: ModelProcess[] = [];
  /** What Redis has acknowledged and not lost. */
  private acknowledged = new Floor();
  private readonly replica: Replica;
  private readonly partings: ModelPartings;
  private readonly calls: ModelCalls;
  /** Changes that wait for a command that is held. */
  private readonly changing = new Set<Promise<void>>();
  /** Tokens of leases that a failover has brought back. */
  private readonly restored = new Set<string>();

  constructor({ store: kind, near }: Omit<Story, 'steps'>) {
    this.near = near;
    this.store = new ModelStore(kind, this.serverClock, (name) => this.source.hitOf(name));
    this.violations = this.store.violations;
    this.calls = new ModelCalls(this.source, this.violations);
    const { memory } = this;
    this.partings = new ModelPartings(memory, this.store);
    const numbers = [...Array(PROCESSES).keys()];
    this.processes = numbers.map((number) => this.newProcess(number, new FakeClock(), false));
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
      if (TAKES_TIME.has(step.kind)) await this.letGoAll();
      await this.take(step);
      await this.clocks.advance(0);
      this.lookAround();
    }
    await this.letGoAll();
    await this.endFaults();
    await this.readAll();
    this.calls.finishAll();
    await this.clocks.advance(SLICE_MS);
    this.lookAround();
    await this.clocks.advance(AT_LAST_MS / 2, AT_LAST_MS / 2); // Redis has nothing of it any more
    await this.readAll();
    await this.clocks.advance(AT_LAST_MS, AT_LAST_MS / 2);
    for (const process of this.processes) {
      if (!process.isAtRest) this.violations.push(`${process.name} never comes to rest`);
      this.violations.push(...(await stillRunning(process)));
    }
  }

  private lookAround(): void {
    for (const process of this.processes) {
      if (process.isAtRest) this.violations.push(...leftBehind(process, this.restored));
    }
  }

  private async endFaults(): Promise<void> {
    for (const process of this.processes) {
      process.link?.heal();
      await this.reconnect(process);
      process.regainBus(this.acknowledged);
    }
    await this.clocks.advance(AT_LAST_MS / 10); // by then a store is open again
    for (const process of this.processes) process.bus.deliverAll();
  }

  /** Everybody is asked for everything. */
  private async readAll(): Promise<void> {
    for (const process of this.processes) {
      for (const ref of process.entries) this.calls.read(process, ref);
    }
    await this.clocks.advance(0);
  }

  private async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'read':
      case 'slowRead':
      case 'refresh':
      case 'lookUp':
        this.calls.begin(this.process(step), step);
        return;
      case 'explain':
        return this.calls.explain(this.process(step), step, this.clocks);
      case 'finish':
        this.calls.finish(step.which);
        return;
      case 'hold':
        this.process(step).held.hold(step.operation, step.at);
        return;
      case 'letGo':
        this.process(step).held.letGo();
        return;
      case 'change':
        return this.change(step, [step.by]);
      case 'changes':
        return this.change(step, step.by);
      case 'switch':
        return this.process(step).switchTo(step.to);
      case 'changeUnseen':
        await this.process(step).switchTo(step.to);
        for (const { bus } of this.processes) bus.deliverAll();
        await this.clocks.advance(0);
        changeUnseen(this.processes, this.source);
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
        this.partings.forget();
        for (const { bytes } of this.memory.leases.values()) this.restored.add(bytes.toString());
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
        return this.clocks.advance(step.ms);
      case 'jump':
        return this.process(step).clock.advance(step.ms);
    }
  }

  private async change(step: StepOf<'change' | 'changes'>, by: readonly By[]): Promise<void> {
    const process = this.process(step);
    const changing = this.changeBy(process, step, by).finally(() => this.changing.delete(changing));
    this.changing.add(changing);
    process.workUntil(changing);
    await this.clocks.advance(0);
    // Where none of its commands is held, it waits for a store that is late.
    if (this.changing.has(changing) && !process.held.any) await this.letGoAll();
  }

  private async changeBy(
    process: ModelProcess,
    step: StepOf<'change' | 'changes'>,
    by: readonly By[],
  ): Promise<void> {
    const byTag = by.includes('tag') || by.includes('resultTag');
    const ref = process.entry(step.tenant, byTag ? KEYS.indexOf(TAGGED) : step.key);
    const wasAvailable = process.usesRedis;
    const { changed, messageKey } = await process.change(ref, by, this.source);
    process.own.raiseBy(changed);
    if (!wasAvailable || !process.node.far.available) {
      process.unsent.raise(messageKey, changed);
      return;
    }
    process.unreplicated.raise(messageKey, changed);
    this.acknowledge(process, messageKey, changed);
  }

  /** No command is late any more, and what has waited for one is done. */
  private async letGoAll(): Promise<void> {
    for (const { held } of this.processes) held.letGo();
    await this.clocks.waitFor(Promise.all(this.changing));
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

  private newProcess(number: number, clock: FakeClock, apart: boolean): ModelProcess {
    const { memory, serverClock, store, near } = this;
    const name = `process ${number}`;
    // Of a single server and of a Cluster, that their writes meet.
    const keepsOrder = number > 0;
    return new ModelProcess({ name, memory, serverClock, store, near, apart, keepsOrder, clock });
  }

  /** Another process takes its place, which knows nothing. */
  private async replace(number: number, apart: boolean): Promise<void> {
    const old = this.processes[number] as ModelProcess;
    old.die();
    this.dead.push(old);
    this.partings.add(old);
    const next = this.newProcess(number, new FakeClock(old.clock.nowMs()), apart);
    this.processes[number] = next;
    next.disconnect();
    await this.reconnect(next);
    if (!apart) this.partings.endFor(next);
    else if (next.usesRedis && !this.partings.areNoted) {
      this.violations.push(`nobody can know that process ${number} keeps its entries apart`);
    }
    await next.node.openStore();
  }

  private forgetOwed(): void {
    if (!this.store.isThere) return;
    this.acknowledged.lowerTo(this.store.taken);
    this.calls.forgetBeyond(this.store.taken);
    for (const process of this.processes) process.forgetBeyond(this.store.taken);
  }

  private process(step: { readonly process: number }): ModelProcess {
    return this.processes[step.process] as ModelProcess;
  }
}
