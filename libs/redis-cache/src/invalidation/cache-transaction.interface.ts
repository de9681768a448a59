/**
 * A transaction of the application's database, as far as the cache has to know it: an object of its
 * own for each transaction, for what has to follow the commit is gathered by it.
 */
export interface CacheTransaction {
  /**
   * Keeps an action until the transaction has committed, if it is nested until the outermost one has,
   * and then runs it. After a rollback the action is dropped. Where the connection broke during the
   * commit, nobody knows: run it then, too, as an eviction too many is only a miss.
   *
   * The action evicts, and resolves when that is done; it never rejects. Whoever awaits it before
   * answering lets the caller of the transaction read what it has written. If this throws, or is async
   * and rejects, the eviction is made then.
   */
  afterCommit(action: () => Promise<void>): void;
}
