import { Injectable } from '@nestjs/common';
import type { Logger } from 'drizzle-orm';

/** Counts the statements sent to the database: what a cache is there to spare. */
@Injectable()
export class QueryCounter implements Logger {
  count = 0;

  logQuery(): void {
    this.count += 1;
  }
}
