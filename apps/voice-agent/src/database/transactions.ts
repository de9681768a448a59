import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, Logger } from '@nestjs/common';
import type { CacheTransaction } from 'nestjs-redis-cache';
import type { Database } from './database.js';

type Action = () => Promise<void>;

/** One transaction, or a part of one that is rolled back by itself. */
class Transaction implements CacheTransaction {
  readonly actions: Action[] = [];
  over = false;

  constructor(
    readonly database: Database,
    readonly outer: Transaction | undefined,
  ) {}

  afterCommit(action: Action): void {
    this.actions.push(action);
  }
}

/**
 * Knows the transaction that the code calling is part of, so that services which are called within one
 * need not hand it on to each other: neither for their statements nor for what follows the commit.
 */
@Injectable()
export class Transactions {
  private readonly logger = new Logger(Transactions.name);
  private readonly storage = new AsyncLocalStorage<Transaction>();

  /** Undefined when there is none, and once it has ended. */
  get current(): CacheTransaction | undefined {
    return this.underWay();
  }

  /**
   * The database as services are given it: within a `transaction` of it, all statements are part of
   * that, whoever makes them. That also keeps them from waiting for a second connection, which the
   * embedded database does not have.
   */
  of(database: Database): Database {
    return new Proxy(database, {
      get: (target, property): unknown =>
        property === 'transaction'
          ? this.transactionOf(target)
          : Reflect.get(this.underWay()?.database ?? target, property),
    });
  }

  /** As drizzle's own; within another one, a savepoint. */
  private transactionOf(database: Database): Database['transaction'] {
    return async (work, config) => {
      const outer = this.underWay();
      let actions: readonly Action[] = [];
      try {
        return await (outer?.database ?? database).transaction(async (tx) => {
          const transaction = new Transaction(tx, outer);
          try {
            const result = await this.storage.run(transaction, () => work(tx));
            actions = transaction.actions;
            return result;
          } finally {
            transaction.over = true;
          }
        }, config);
      } finally {
        // Also if the commit itself failed: perhaps only its answer was lost, and then it was made.
        if (outer) outer.actions.push(...actions);
        else await this.run(actions);
      }
    };
  }

  /** What is committed stays so, whatever becomes of the actions. */
  private async run(actions: readonly Action[]): Promise<void> {
    for (const outcome of await Promise.allSettled(actions.map((action) => action()))) {
      if (outcome.status === 'rejected') this.logger.error(outcome.reason);
    }
  }

  private underWay(): Transaction | undefined {
    let transaction = this.storage.getStore();
    while (transaction?.over) transaction = transaction.outer;
    return transaction;
  }
}
