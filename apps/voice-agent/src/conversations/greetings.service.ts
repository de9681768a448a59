import { Injectable } from '@nestjs/common';
import { and, eq } from 'drizzle-orm';
import { CacheEvict, Cacheable } from 'nestjs-redis-cache';
import { currentOrganization } from '../access/current-organization.js';
import { InjectDatabase, type Database } from '../database/database.js';
import { greetings } from '../database/schema.js';
import type { Channel } from './conversation.schema.js';

const PLAIN_GREETING = 'Hi {first_name}, this is {organization}.';

/** What an agent says first, by channel. */
@Injectable()
export class GreetingsService {
  constructor(@InjectDatabase() private readonly database: Database) {}

  /**
   * The template is cached, not the greeting made of it: one entry for each channel serves every
   * lead, and no change of a lead's name has to be looked for here.
   */
  @Cacheable('conversation.greeting', { key: (channel: Channel) => channel })
  async template(channel: Channel): Promise<string> {
    const ours = eq(greetings.organizationId, currentOrganization());
    const [greeting] = await this.database
      .select({ template: greetings.template })
      .from(greetings)
      .where(and(ours, eq(greetings.channel, channel)));
    return greeting?.template ?? PLAIN_GREETING;
  }

  @CacheEvict('conversation.greeting', { key: (channel: Channel) => channel })
  async change(channel: Channel, template: string): Promise<void> {
    await this.database
      .insert(greetings)
      .values({ organizationId: currentOrganization(), channel, template })
      .onConflictDoUpdate({
        target: [greetings.organizationId, greetings.channel],
        set: { template },
      });
  }
}

/** @param firstName null for a caller we do not know */
export function greet(template: string, organization: string, firstName: string | null): string {
  return template
    .replace('{organization}', () => organization)
    .replace('{first_name}', () => firstName ?? 'there');
}
