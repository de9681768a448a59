import { Injectable } from '@nestjs/common';
import { and, count, desc, eq } from 'drizzle-orm';
import { InjectCache, type Cache } from 'nestjs-redis-cache';
import { currentOrganization } from '../access/current-organization.js';
import { InjectDatabase, type Database } from '../database/database.js';
import { messages } from '../database/schema.js';
import type { Page, PageQuery } from '../pagination/page.js';
import { MESSAGE } from './conversation.columns.js';
import type { Message } from './conversation.schema.js';

/** How many of a lead's newest messages are kept at hand: whoever pages seldom goes past them. */
const WINDOW = 100;

interface HistoryWindow {
  readonly total: number;
  readonly newest: readonly Message[];
}

/**
 * The messages of a lead, newest first, page by page.
 *
 * The pages are cut out of one cached window instead of being cached each: a new message shifts every
 * page, and this way one eviction by key takes care of all. A decorator caches the whole result of a
 * method or nothing; here it is a part of it, so the cache is injected and asked.
 */
@Injectable()
export class MessageHistoryService {
  constructor(
    @InjectDatabase() private readonly database: Database,
    @InjectCache('conversation.history') private readonly windows: Cache<HistoryWindow>,
  ) {}

  async page(leadId: string, { limit, offset }: PageQuery): Promise<Page<Message>> {
    const { total, newest } = await this.windows.wrap(leadId, () => this.loadWindow(leadId));
    const beyond = offset + limit > newest.length && total > newest.length;
    const items = beyond
      ? await this.load(leadId, limit, offset)
      : newest.slice(offset, offset + limit);
    return { items, total, limit, offset };
  }

  private async loadWindow(leadId: string): Promise<HistoryWindow> {
    const newest = await this.load(leadId, WINDOW, 0);
    const [all] = await this.database.select({ total: count() }).from(messages).where(of(leadId));
    return { total: all?.total ?? 0, newest };
  }

  private load(leadId: string, limit: number, offset: number): Promise<Message[]> {
    return this.database
      .select(MESSAGE)
      .from(messages)
      .where(of(leadId))
      .orderBy(desc(messages.sentAt), desc(messages.id))
      .limit(limit)
      .offset(offset);
  }
}

function of(leadId: string) {
  return and(eq(messages.organizationId, currentOrganization()), eq(messages.leadId, leadId));
}
