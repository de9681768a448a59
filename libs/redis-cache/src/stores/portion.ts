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

  constructor(
    private readonly maxQuestions: number,
    private readonly maxBytes: number,
  ) {
    this.answers = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get full(): boolean {
    return this.questions.length >= this.maxQuestions || this.bytes >= this.maxBytes;
  }

  /** @param bytes what it adds to the command */
  add(question: Q, bytes: number): Reply<A> {
    this.bytes += bytes;
    return new ReplyOfPortion(this.answers, this.questions.push(question) - 1);
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
