import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { and, eq } from 'drizzle-orm';
import { CachePut, Cacheable } from 'nestjs-redis-cache';
import { currentOrganization } from '../access/current-organization.js';
import { InjectDatabase, type Database } from '../database/database.js';
import { calls } from '../database/schema.js';
import type { Call, NewCall } from './call.schema.js';

const CALL = {
  id: calls.id,
  leadId: calls.leadId,
  callSid: calls.callSid,
  agentId: calls.agentId,
  state: calls.state,
  outcome: calls.outcome,
  startedAt: calls.startedAt,
  endedAt: calls.endedAt,
};

const isNull = (call: Call | null) => call === null;
const idOf = (call: Call | null) => call?.id ?? '';

/**
 * Call sessions. What starts and ends a call knows its whole new state, and the agent asks for it at
 * once: so it is put into the cache instead of being evicted from it.
 */
@Injectable()
export class CallsService {
  constructor(@InjectDatabase() private readonly database: Database) {}

  @Cacheable('call.byId', { key: (id: string) => id, unless: isNull })
  async findById(id: string): Promise<Call | null> {
    const [call] = await this.database.select(CALL).from(calls).where(withId(id));
    return call ?? null;
  }

  /** @returns null if the telephone provider's id is taken: this call was started before */
  @CachePut('call.byId', { resultKey: idOf, unless: isNull })
  async start(call: NewCall): Promise<Call | null> {
    const row = { ...call, id: `call_${randomUUID()}`, organizationId: currentOrganization() };
    const inserted = this.database.insert(calls).values(row).onConflictDoNothing();
    const [started] = await inserted.returning(CALL);
    return started ?? null;
  }

  /** @returns null if there is no such call in progress */
  @CachePut('call.byId', { resultKey: idOf, unless: isNull })
  async end(id: string, outcome: string): Promise<Call | null> {
    const [ended] = await this.database
      .update(calls)
      .set({ state: 'ended', outcome, endedAt: new Date() })
      .where(and(withId(id), eq(calls.state, 'in_progress')))
      .returning(CALL);
    return ended ?? null;
  }
}

function withId(id: string) {
  return and(eq(calls.organizationId, currentOrganization()), eq(calls.id, id));
}
