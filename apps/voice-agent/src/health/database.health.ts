import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { sql } from 'drizzle-orm';
import { InjectDatabase, type Database } from '../database/database.js';

@Injectable()
export class DatabaseHealthIndicator {
  constructor(
    @InjectDatabase() private readonly database: Database,
    private readonly indicators: HealthIndicatorService,
  ) {}

  async isHealthy(key = 'database'): Promise<HealthIndicatorResult> {
    const check = this.indicators.check(key);
    try {
      await this.database.execute(sql`select 1`);
      return check.up();
    } catch {
      // The driver's message may hold the address and the user: not for everybody who asks.
      return check.down('does not answer');
    }
  }
}
