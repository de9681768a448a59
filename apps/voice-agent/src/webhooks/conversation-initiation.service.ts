import { Injectable } from '@nestjs/common';
import { runWithTenant } from 'nestjs-redis-cache';
import type { ConversationContext } from '../conversations/conversation-insight.schema.js';
import { ConversationInsightsService } from '../conversations/conversation-insights.service.js';
import { GreetingsService, greet } from '../conversations/greetings.service.js';
import type { Lead } from '../leads/lead.schema.js';
import { LeadsService } from '../leads/leads.service.js';
import { toE164 } from '../leads/phone-number.js';
import type { Organization } from '../organizations/organization.schema.js';
import { OrganizationsService } from '../organizations/organizations.service.js';
import type {
  ConversationInitiation,
  ConversationInitiationData,
} from './conversation-initiation.schema.js';

/**
 * Gathers, while the telephone still rings, what an agent should know of its caller. With a warm cache
 * all of it comes from the memory of this process.
 */
@Injectable()
export class ConversationInitiationService {
  constructor(
    private readonly organizations: OrganizationsService,
    private readonly leads: LeadsService,
    private readonly insights: ConversationInsightsService,
    private readonly greetings: GreetingsService,
  ) {}

  /** @returns null if no organization has the called number */
  async initiate(call: ConversationInitiation): Promise<ConversationInitiationData | null> {
    const calledNumber = toE164(call.called_number);
    const organization =
      calledNumber === null ? null : await this.organizations.findByCalledPhone(calledNumber);
    if (!organization) return null;
    return runWithTenant(organization.id, () => this.personalize(organization, call.caller_id));
  }

  private async personalize(
    organization: Organization,
    callerId: string,
  ): Promise<ConversationInitiationData> {
    const [lead, template] = await Promise.all([
      this.findCaller(callerId),
      this.greetings.template('voice'),
    ]);
    const context = lead && (await this.insights.context(lead.id));
    return {
      type: 'conversation_initiation_client_data',
      dynamic_variables: {
        organization_name: organization.name,
        greeting: greet(template, organization.name, lead?.firstName ?? null),
        ...aboutCaller(lead, context),
      },
    };
  }

  /** A caller may hide the number; then there is no lead to look for. */
  private async findCaller(callerId: string): Promise<Lead | null> {
    const phone = toE164(callerId);
    return phone === null ? null : this.leads.findByPhone(phone);
  }
}

function aboutCaller(lead: Lead | null, context: ConversationContext | null) {
  const messages = context?.recentMessages ?? [];
  return {
    caller_known: lead !== null,
    lead_id: lead?.id ?? '',
    customer_name: lead ? `${lead.firstName} ${lead.lastName}` : '',
    lead_status: lead?.status ?? 'unknown',
    last_contact: messages.at(-1)?.sentAt.toISOString().slice(0, 10) ?? 'never',
    recent_messages: messages.map(({ author, text }) => `${author}: ${text}`).join('\n'),
  };
}
