import { AsyncLocalStorage } from 'node:async_hooks';

/** A transaction of the {@link Transactions} of a test. */
export class Transaction {
  readonly writes = new Map<string, unknown>();
  readonly actions: (() => Promise<void>)[] = [];

  constructor(readonly outer: Transaction | undefined) {}

  afterCommit(action: () => Promise<void>): void {
    this.actions.push(action);
  }
}

/** A database with transactions, read committed, as far as tests of what follows a commit need it. */
export class Transactions {
  private readonly committed = new Map<string, unknown>();
  private readonly storage = new AsyncLocalStorage<Transaction>();

  /** For the option `transaction.current`. */
  readonly current = (): Transaction | undefined => this.storage.getStore();

  read(id: string): unknown {
    for (let transaction = this.current(); transaction; transaction = transaction.outer) {
      if (transaction.writes.has(id)) return transaction.writes.get(id);
    }
    return this.committed.get(id);
  }

  write(id: string, value: unknown): void {
    (this.current()?.writes ?? this.committed).set(id, value);
  }

  /** Commits when `work` has succeeded, and rolls back if it fails; nested, up to where it began. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const outer = this.current();
    const transaction = new Transaction(outer);
    const result = await this.storage.run(transaction, work);
    const target = outer?.writes ?? this.committed;
    for (const [id, value] of transaction.writes) target.set(id, value);
    outer?.actions.push(...transaction.actions);
    if (!outer) for (const action of transaction.actions) await action();
    return result;
  }
}
