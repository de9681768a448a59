import type { ScopedEntry } from '../../libs/redis-cache/src/cache/entry-scope.js';
import { Gate } from '../support/gate.js';
import { Floor } from './floors.js';
import type { ModelClocks } from './model-clocks.js';
import type { ModelProcess } from './model-process.js';
import { nameOf, type ModelSource, type Value } from './model-source.js';
import type { StepOf } from './model-steps.js';

type Call = StepOf<'read' | 'slowRead' | 'refresh' | 'lookUp'>;

interface Reading {
  /** What its load waits for. */
  readonly gate?: Gate | undefined;
  readonly fails?: boolean | undefined;
  /** Has an entry that is there loaded anew. */
  readonly anew?: boolean;
}

/** Of a load. */
class LoadFailure extends Error {}

/** Calls of processes: each is held against what it may not answer any more when it begins. */
export class ModelCalls {
  /** Of slow loads, the latest first. */
  private readonly gates: Gate[] = [];
  /** Of each call, what it may not fall behind. */
  private readonly floors: Floor[] = [];

  constructor(
    private readonly source: ModelSource,
    private readonly violations: string[],
  ) {}

  begin(process: ModelProcess, step: Call): void {
    const ref = process.entry(step.tenant, step.key);
    switch (step.kind) {
      case 'read':
        this.read(process, ref, { fails: step.fails });
        return;
      case 'slowRead':
        this.read(process, ref, { fails: step.fails, gate: this.newGate() });
        return;
      case 'refresh': {
        const gate = step.slow ? this.newGate() : undefined;
        this.read(process, ref, { fails: step.fails, gate, anew: true });
        return;
      }
      case 'lookUp': {
        const all = process.entries.filter(({ tenant }) => tenant === ref.tenant);
        for (const each of step.all ? all : [ref]) this.lookUp(process, each);
        return;
      }
    }
  }

  read(process: ModelProcess, ref: ScopedEntry, { gate, fails, anew }: Reading = {}): void {
    const load = async (): Promise<Value> => {
      const value = this.source.valueOf(ref);
      await gate?.pass();
      if (fails) throw new LoadFailure();
      return value;
    };
    const judge = this.judgeOf(process, ref);
    this.follow(process, process.read(ref, load, anew).then(judge));
  }

  /** What the process has, and what stands in Redis, is as before. */
  async explain(
    process: ModelProcess,
    { tenant, key }: StepOf<'explain'>,
    clocks: ModelClocks,
  ): Promise<void> {
    const before = process.footprint;
    process.workUntil(process.explain(process.entry(tenant, key)));
    await clocks.advance(0);
    if (process.footprint === before) return;
    this.violations.push(`${process.name} explained by ${before}, and left ${process.footprint}`);
  }

  /** A load that is slow comes to its end. */
  finish(which: number): void {
    this.gates[which]?.open();
  }

  finishAll(): void {
    for (const gate of this.gates) gate.open();
  }

  /** Who waits meanwhile cannot know of more either. */
  forgetBeyond(taken: Floor): void {
    for (const floor of this.floors) floor.lowerTo(taken);
  }

  private lookUp(process: ModelProcess, ref: ScopedEntry): void {
    const judge = this.judgeOf(process, ref);
    const looking = process.lookUp(ref).then((looked) => {
      if (looked.kind === 'hit') judge(looked.value);
    });
    this.follow(process, looking);
  }

  /** Judges what is answered to a call that begins now. */
  private judgeOf(process: ModelProcess, ref: ScopedEntry): (answer: unknown) => void {
    const name = nameOf(ref);
    const floor = new Floor();
    floor.raise(name, process.floorOf(name));
    this.floors.push(floor);
    return (answer) => {
      if (process.isDead) return;
      const { tenant, version } = answer as Value;
      if (tenant !== ref.tenant) this.violations.push(`${name} answered ${tenant}'s`);
      if (version >= floor.of(name)) return;
      this.violations.push(`${process.name} answered ${name}@${version}, after ${floor.of(name)}`);
    };
  }

  /** Whatever happens to the cache, nothing but its load can make a call fail. */
  private follow(process: ModelProcess, answering: Promise<void>): void {
    const answered = answering.catch((error: unknown) => {
      if (error instanceof LoadFailure) return;
      this.violations.push(`${process.name} threw ${String(error)}`);
    });
    process.workUntil(answered);
  }

  private newGate(): Gate {
    const gate = new Gate();
    this.gates.unshift(gate);
    return gate;
  }
}
