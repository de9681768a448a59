import type { Deadlines } from '../resilience/deadlines.js';
import type { Reply } from '../resilience/reply.interface.js';

type Answers<A> = readonly (A | Error)[];

/** Questions that one command asks, and its answers. */
export class Portion<Q, A> {
  readonly questions: Q[] = [];
  /** In the order of the questions; an Error stands for a question that failed alone. */
  readonly answers: Promise<Answers<A>>;
  resolve!: (answers: Answers<A>) => void;
  reject!: (error: Error) => void;
  private bytes = 0;
  /** The same answers, by how many milliseconds they are waited for. */
  private within: Map<number, Promise<Answers<A>>> | undefined = undefined;

  constructor(
    private readonly maxQuestions: number,
    private readonly maxBytes: number,
    private readonly deadlines: Deadlines,
  ) {
    this.answers = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get full(): boolean {
    return this.questions.length >= this.maxQuestions || this.bytes >= this.maxBytes;
  }

  /**
   * @param bytes what it adds to the command
   * @param budgetMs how long the answer is waited for; undefined waits until the command ends
   */
  add(question: Q, bytes: number, budgetMs: number | undefined): Reply<A> {
    this.bytes += bytes;
    const answers = budgetMs === undefined ? this.answers : this.answersWithin(Math.ceil(budgetMs));
    return new ReplyOfPortion(answers, this.questions.push(question) - 1);
  }

  /** One wait for all whose budget is the same: most have asked for the same before, and at the same time. */
  private answersWithin(ms: number): Promise<Answers<A>> {
    const within = (this.within ??= new Map<number, Promise<Answers<A>>>());
    const known = within.get(ms);
    if (known) return known;
    const answers = this.deadlines.limit(this.answers, ms);
    within.set(ms, answers);
    return answers;
  }
}

/**
 * The answer to one of the questions. Whoever waits for it waits for the answers to all: a promise of its
 * own would cost as much as all else that is done to read an entry.
 */
class ReplyOfPortion<A> implements Reply<A> {
  constructor(
    private readonly answers: Promise<Answers<A>>,
    private readonly index: number,
  ) {}

  then<R = A, E = never>(
    onAnswer?: ((answer: A) => R | PromiseLike<R>) | null,
    onFailed?: ((error: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    return this.answers.then((answers): R | E | PromiseLike<R | E> => {
      const answer = answers[this.index] as A | Error;
      if (!(answer instanceof Error)) return onAnswer ? onAnswer(answer) : (answer as never);
      if (onFailed) return onFailed(answer);
      throw answer;
    }, onFailed);
  }
}
