import { HttpStatus } from '@nestjs/common';
import { AdminProblemException } from './admin-problem.js';

/** Walks through all keys of Redis that are under way at once, at most. */
const MAX_WALKS = 4;

/** Keeps the number of walks bounded, as each of them keeps the servers busy. */
export class Walks {
  private running = 0;

  /**
   * @returns ends it
   * @throws {AdminProblemException} there are enough of them already
   */
  begin(): () => void {
    if (this.running >= MAX_WALKS) {
      throw new AdminProblemException(
        HttpStatus.TOO_MANY_REQUESTS,
        `${MAX_WALKS} patterns and purges are under way already; wait for one to end`,
      );
    }
    this.running += 1;
    return () => (this.running -= 1);
  }

  /** @throws as {@link begin} does; then `walk` is not called */
  async run<T>(walk: () => Promise<T>): Promise<T> {
    const end = this.begin();
    try {
      return await walk();
    } finally {
      end();
    }
  }
}
