import type { ChildProcess } from 'node:child_process';
import type { Asked, Told } from '../measure/contest-part.js';
import { decide, type Contender, type ContestTerms } from '../measure/decision.js';
import type { RoundSettings, RoundTime } from '../measure/stopwatch.js';
import type { Case, Measures, WorkloadOutcome } from '../measure/outcome.js';

type Step = Extract<Told, { kind: 'contest' | 'outcome' }>;
type Arrival = Extract<Told, { kind: 'contest' }>;

/**
 * Holds the contests of a workload among processes, of which each is that of one contender. All run the
 * whole workload and meet at each contest. Most of their code has been compiled from the second on.
 *
 * @param start starts the process of a contender, or one that takes part in nothing
 */
export async function measureApart(
  start: (contender: string | undefined) => ChildProcess,
  settings: RoundSettings,
): Promise<WorkloadOutcome> {
  const contests = await contestsOf(new ContenderProcess(start(undefined)));
  const processes = new Map<string, ContenderProcess>();
  for (const name of new Set([...contests.values()].flat())) {
    processes.set(name, new ContenderProcess(start(name), name));
  }
  const cases: Case[] = [];
  for (const [id, names] of contests) {
    const contenders = new Map<string, Contender | Error>();
    let terms: ContestTerms | undefined;
    for (const [name, each] of processes) {
      const arrived = await each.arrival();
      if (names.includes(name)) contenders.set(name, failureAt(id, name, arrived) ?? each);
      if (!(arrived instanceof Error)) terms = arrived.terms;
    }
    const warm =
      cases.length > 0 ? { ...settings, maxWarmUpMs: settings.maxWarmUpMs / 2 } : settings;
    cases.push(await decide(terms as ContestTerms, contenders, warm));
    for (const each of processes.values()) await each.leave();
  }
  return { cases };
}

/** The contests of a workload in their order, and who takes part in each. */
async function contestsOf(lister: ContenderProcess): Promise<Map<string, readonly string[]>> {
  const contests = new Map<string, readonly string[]>();
  for (;;) {
    const step = await lister.step();
    if (step.kind === 'outcome') {
      if (step.outcome.error !== undefined) throw new Error(step.outcome.error);
      return contests;
    }
    contests.set(step.terms.id, step.names);
    await lister.leave();
  }
}

/** Why a contender cannot take part in a contest. */
function failureAt(id: string, name: string, arrived: Arrival | Error): Error | undefined {
  if (arrived instanceof Error) return arrived;
  if (arrived.terms.id !== id) return new Error(`it is at ${arrived.terms.id}`);
  if (!arrived.names.includes(name)) return new Error('its process does not know it');
  return arrived.failure;
}

/** A contender in a process of its own. */
class ContenderProcess implements Contender {
  private readonly told: Told[] = [];
  private arrived: Arrival | undefined;
  private ended: Error | undefined;
  private wake: () => void = () => undefined;

  constructor(
    private readonly child: ChildProcess,
    readonly name = '',
  ) {
    child.on('message', (message: Told) => {
      this.told.push(message);
      this.wake();
    });
    child.once('exit', (code, signal) => {
      this.ended = new Error(`the process of ${name} ended with ${String(code ?? signal)}`);
      this.wake();
    });
  }

  /** Where it has come to. */
  step(): Promise<Step> {
    return this.next() as Promise<Step>;
  }

  /** The contest that it is at, or why it has come to none. */
  async arrival(): Promise<Arrival | Error> {
    if (this.arrived) return this.arrived;
    try {
      const step = await this.step();
      if (step.kind === 'contest') this.arrived = step;
      return this.arrived ?? new Error(`${this.name} has come to its end`);
    } catch (error) {
      return error as Error;
    }
  }

  warmUp(settings: RoundSettings): Promise<number> {
    return this.ask({ kind: 'warmUp', settings });
  }

  time(operations: number): Promise<RoundTime> {
    return this.ask({ kind: 'time', operations });
  }

  measures(operations: number): Promise<Measures> {
    return this.ask({ kind: 'measures', operations });
  }

  close(): Promise<void> {
    return this.ask({ kind: 'close' });
  }

  /** Has it go on to the next contest, or to its end; one that has failed altogether stays away. */
  async leave(): Promise<void> {
    if (this.ended) return;
    await this.close();
    this.arrived = undefined;
    this.send({ kind: 'next' });
  }

  private async ask<T>(asked: Asked): Promise<T> {
    this.send(asked);
    const told = await this.next();
    if (told.kind === 'failure') throw told.error;
    return (told as Extract<Told, { kind: 'answer' }>).answer as T;
  }

  private send(asked: Asked): void {
    this.child.send(asked);
  }

  private async next(): Promise<Told> {
    for (;;) {
      const told = this.told.shift();
      if (told) return told;
      if (this.ended) throw this.ended;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}
