import { Injectable } from '@nestjs/common';
import { and, eq } from 'drizzle-orm';
import { CacheEvict, Cacheable } from 'nestjs-redis-cache';
import { currentOrganization } from '../access/current-organization.js';
import { InjectDatabase, type Database } from '../database/database.js';
import { humanControls } from '../database/schema.js';
import { isViolation } from '../database/violation.js';
import type { HumanControl } from './human-control.schema.js';

const CONTROL = { takenBy: humanControls.takenBy, takenAt: humanControls.takenAt };

export type TakeOverOutcome = HumanControl | 'already taken' | 'no such conversation';

/** Whether the agent leads a conversation or a human has taken it over. */
@Injectable()
export class HumanControlService {
  constructor(@InjectDatabase() private readonly database: Database) {}

  /** Asked before every message of the agent; the answer is nearly always `null`, which is cached too. */
  @Cacheable('humanControl.byConversation', { key: (conversationId: string) => conversationId })
  async current(conversationId: string): Promise<HumanControl | null> {
    const [control] = await this.database
      .select(CONTROL)
      .from(humanControls)
      .where(of(conversationId));
    return control ?? null;
  }

  @CacheEvict('humanControl.byConversation', { key: (conversationId: string) => conversationId })
  async takeOver(conversationId: string, takenBy: string): Promise<TakeOverOutcome> {
    const row = { organizationId: currentOrganization(), conversationId, takenBy };
    try {
      const inserted = this.database.insert(humanControls).values(row).onConflictDoNothing();
      const [control] = await inserted.returning(CONTROL);
      return control ?? 'already taken';
    } catch (error) {
      if (isViolation('foreignKey', error)) return 'no such conversation';
      throw error;
    }
  }

  @CacheEvict('humanControl.byConversation', { key: (conversationId: string) => conversationId })
  async release(conversationId: string): Promise<void> {
    await this.database.delete(humanControls).where(of(conversationId));
  }
}

function of(conversationId: string) {
  const ours = eq(humanControls.organizationId, currentOrganization());
  return and(ours, eq(humanControls.conversationId, conversationId));
}
