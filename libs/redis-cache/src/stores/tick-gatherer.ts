import { FarTimeoutError } from '../errors/far-tier.error.js';
import type { Deadlines } from '../resilience/deadlines.js';

/** Taken once: a test that fakes timers fakes this one too, and nothing would ever be sent. */
const nextTick = process.nextTick.bind(process);

/** What a gatherer asks with. */
export interface GathererParts<Q, A> {
  /** Has {@link Gatherer.flush} called at the end of this tick. */
  readonly schedule: () => void;
  /** Answers in the order of the questions; an Error stands for a question that failed alone. */
  readonly ask: (questions: readonly Q[]) => Promise<readonly (A | Error)[]>;
  /** Questions asked at once at most, of so many. */
  readonly maxQuestions: (gathered: number) => number;
  /** What a question adds to a command. @default nothing */
  readonly bytesOf?: (question: Q) => number;
  readonly deadlines: Deadlines;
  /** Whether a command for several failed only for that, and nothing was done. @default never */
  readonly isForBeingSeveral?: (error: unknown) => boolean;
  /** Whether the first question of a tick is asked at once, and only what follows is gathered. @default false */
  readonly firstAtOnce?: boolean;
}

/** Bytes of questions asked at once, beyond which no further one is added. */
const MAX_BYTES = 512 * 1024;

interface Waiting<Q, A> {
  readonly question: Q;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: Error) => void;
  /** Ends the watch over its time, if there is one. */
  readonly done: (() => void) | undefined;
}

/** Gathers the questions of one kind that come within a tick, to ask them by one command. */
export class Gatherer<Q, A> {
  private waiting: Waiting<Q, A>[] = [];
  private isDue = false;

  constructor(private readonly parts: GathererParts<Q, A>) {}

  /**
   * @param budgetMs how long the answer is waited for; undefined waits until the command ends
   * @throws {FarTimeoutError} no answer within the budget
   */
  put(question: Q, budgetMs?: number): Promise<A> {
    if (budgetMs !== undefined && budgetMs <= 0) {
      return Promise.reject(new FarTimeoutError(budgetMs));
    }
    return new Promise((resolve, reject) => {
      const late = () => reject(new FarTimeoutError(budgetMs as number));
      const done = budgetMs === undefined ? undefined : this.parts.deadlines.watch(budgetMs, late);
      this.waiting.push({ question, resolve, reject, done });
      if (this.isDue) return;
      this.isDue = true;
      this.parts.schedule();
      if (this.parts.firstAtOnce) this.sendAll();
    });
  }

  /** Sends what has been gathered, at the end of the tick. */
  flush(): void {
    this.isDue = false;
    this.sendAll();
  }

  private sendAll(): void {
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    const most = this.parts.maxQuestions(waiting.length);
    for (let from = 0; from < waiting.length;) {
      const to = this.endOf(waiting, from, most);
      this.send(from === 0 && to === waiting.length ? waiting : waiting.slice(from, to));
      from = to;
    }
  }

  private endOf(waiting: readonly Waiting<Q, A>[], from: number, most: number): number {
    const { bytesOf } = this.parts;
    const last = Math.min(waiting.length, from + most);
    if (!bytesOf) return last;
    let bytes = 0;
    let to = from;
    while (to < last && (to === from || bytes < MAX_BYTES)) {
      bytes += bytesOf((waiting[to] as Waiting<Q, A>).question);
      to += 1;
    }
    return to;
  }

  private send(portion: readonly Waiting<Q, A>[]): void {
    const questions = portion.map(({ question }) => question);
    this.parts.ask(questions).then(
      (answers) => {
        portion.forEach((asker, i) => settle(asker, answers[i] as A | Error));
      },
      (error: unknown) => {
        if (portion.length > 1 && this.parts.isForBeingSeveral?.(error)) {
          for (const one of portion) this.send([one]);
          return;
        }
        const failure = error instanceof Error ? error : new Error(String(error));
        for (const asker of portion) settle(asker, failure);
      },
    );
  }
}

function settle<Q, A>({ resolve, reject, done }: Waiting<Q, A>, answer: A | Error): void {
  done?.();
  if (answer instanceof Error) reject(answer);
  else resolve(answer);
}

/**
 * Sends what several gatherers have gathered, when everything that runs now has run: promises that
 * are settled together lead on together. Not a turn of the event loop later, which would cost a
 * single question more than the round trip of many.
 */
export class Tick {
  private due = false;

  /** @param gatherers gives them in the order in which their commands are sent */
  constructor(private readonly gatherers: () => readonly { flush(): void }[]) {}

  /** Has the gatherers send at the end of this tick. */
  schedule(): void {
    if (this.due) return;
    this.due = true;
    nextTick(() => {
      this.due = false;
      for (const gatherer of this.gatherers()) gatherer.flush();
    });
  }
}
