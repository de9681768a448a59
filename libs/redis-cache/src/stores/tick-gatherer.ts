import { FarTimeoutError } from '../errors/far-tier.error.js';
import type { Deadlines } from '../resilience/deadlines.js';
import { Portion } from './portion.js';
import type { Reply } from '../resilience/reply.interface.js';

/** Taken once: a test that fakes timers fakes this one too, and nothing would ever be sent. */
const nextTick = process.nextTick.bind(process);

/** What a gatherer asks with. */
export interface GathererParts<Q, A> {
  /** Has {@link Gatherer.flush} called at the end of this tick. */
  readonly schedule: () => void;
  /** Answers in the order of the questions; an Error stands for a question that failed alone. */
  readonly ask: (questions: readonly Q[]) => Promise<readonly (A | Error)[]>;
  /** Questions of one command at most, while so many earlier commands are not answered yet. */
  readonly maxQuestions: (unanswered: number) => number;
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

/** Gathers the questions of one kind that come within a tick, to ask them by one command. */
export class Gatherer<Q, A> {
  private portions: Portion<Q, A>[] = [];
  /** The one that is being filled. */
  private latest: Portion<Q, A> | undefined = undefined;
  private isDue = false;
  private unanswered = 0;

  constructor(private readonly parts: GathererParts<Q, A>) {}

  /**
   * @param budgetMs how long the answer is waited for, in full milliseconds, rounded up; undefined waits until
   * the command ends
   * @throws {FarTimeoutError} no answer within the budget
   */
  put(question: Q, budgetMs?: number): Reply<A> {
    if (budgetMs !== undefined && budgetMs <= 0) {
      return Promise.reject(new FarTimeoutError(budgetMs));
    }
    const reply = this.gather(question, budgetMs);
    if (!this.isDue) {
      this.isDue = true;
      this.parts.schedule();
      if (this.parts.firstAtOnce) this.sendAll();
    }
    return reply;
  }

  /** Whether nothing has been gathered that is not sent. */
  get isEmpty(): boolean {
    return this.portions.length === 0;
  }

  /** Sends what has been gathered, at the end of the tick. */
  flush(): void {
    this.isDue = false;
    this.sendAll();
  }

  private gather(question: Q, budgetMs: number | undefined): Reply<A> {
    const { bytesOf, maxQuestions, deadlines } = this.parts;
    if (!this.latest || this.latest.full) {
      this.latest = new Portion(maxQuestions(this.unanswered), MAX_BYTES, deadlines);
      this.portions.push(this.latest);
      this.unanswered += 1;
    }
    return this.latest.add(question, bytesOf ? bytesOf(question) : 0, budgetMs);
  }

  private sendAll(): void {
    const { portions } = this;
    if (portions.length === 0) return;
    this.portions = [];
    this.latest = undefined;
    for (const portion of portions) this.send(portion);
  }

  private send({ questions, resolve, reject }: Portion<Q, A>): void {
    this.parts.ask(questions).then(
      (answers) => {
        this.unanswered -= 1;
        // By their place alone it is known whose they are, and those who ask are of several tenants.
        if (answers.length === questions.length) resolve(answers);
        else reject(miscounted(answers.length, questions.length));
      },
      (error: unknown) => {
        this.unanswered -= 1;
        if (questions.length > 1 && this.parts.isForBeingSeveral?.(error)) {
          void Promise.all(questions.map((question) => this.askAlone(question))).then(resolve);
        } else reject(asError(error));
      },
    );
  }

  private askAlone(question: Q): Promise<A | Error> {
    return this.parts.ask([question]).then(([answer]) => answer as A | Error, asError);
  }
}

function miscounted(answers: number, questions: number): Error {
  return new Error(`${answers} answers have come to ${questions} questions`);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
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
