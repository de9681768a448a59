interface Waiting<Q, A> {
  readonly question: Q;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: unknown) => void;
}

/** Fewer are not parted. */
const FEW = 16;

/** Asks what is asked for within a tick at once, by two commands so that client and server work side by side. */
export class Gathering<Q, A> {
  private waiting: Waiting<Q, A>[] = [];

  constructor(private readonly ask: (questions: readonly Q[]) => Promise<readonly A[]>) {}

  put(question: Q): Promise<A> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ question, resolve, reject });
      if (this.waiting.length === 1) process.nextTick(() => this.flush());
    });
  }

  private flush(): void {
    const { waiting } = this;
    this.waiting = [];
    const size = Math.max(FEW, Math.ceil(waiting.length / 2));
    for (let from = 0; from < waiting.length; from += size) {
      this.send(waiting.slice(from, from + size));
    }
  }

  private send(portion: readonly Waiting<Q, A>[]): void {
    this.ask(portion.map(({ question }) => question)).then(
      (answers) => {
        portion.forEach(({ resolve }, index) => resolve(answers[index] as A));
      },
      (error: unknown) => {
        for (const { reject } of portion) reject(error);
      },
    );
  }
}
