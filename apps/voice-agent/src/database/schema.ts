import {
  foreignKey,
  index,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';

/*
 * Every table but `organizations` carries the organization in its primary key: ids are unique within
 * an organization only, and a query that forgets the organization cannot use the key.
 */

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const organizationId = () => text('organization_id').notNull();
const ofOrganization = () => organizationId().references(() => organizations.id);

export const leadStatus = pgEnum('lead_status', ['new', 'contacted', 'qualified', 'won', 'lost']);
export const channel = pgEnum('channel', ['voice', 'sms', 'whatsapp', 'web']);
export const author = pgEnum('author', ['lead', 'agent', 'human']);
export const callState = pgEnum('call_state', ['in_progress', 'ended']);

export const organizations = pgTable('organizations', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  /** The number its callers dial, in E.164: how a webhook finds the organization. */
  phone: text('phone').notNull().unique(),
  timezone: text('timezone').notNull(),
});

export const apiKeys = pgTable('api_keys', {
  /** SHA-256 of the key, in hex. The key itself is shown once, when it is made, and never stored. */
  hash: text('hash').primaryKey(),
  organizationId: ofOrganization(),
  createdAt: moment('created_at').notNull().defaultNow(),
});

export const greetings = pgTable(
  'greetings',
  {
    organizationId: ofOrganization(),
    channel: channel('channel').notNull(),
    /** May hold `{first_name}` and `{organization}`. */
    template: text('template').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.channel] })],
);

export const leads = pgTable(
  'leads',
  {
    organizationId: ofOrganization(),
    id: text('id').notNull(),
    /** In E.164. */
    phone: text('phone').notNull(),
    firstName: text('first_name').notNull(),
    lastName: text('last_name').notNull(),
    email: text('email'),
    status: leadStatus('status').notNull().default('new'),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    unique('leads_phone_unique').on(table.organizationId, table.phone),
    index('leads_status_index').on(table.organizationId, table.status, table.id),
  ],
);

export const conversations = pgTable(
  'conversations',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    leadId: text('lead_id').notNull(),
    channel: channel('channel').notNull(),
    startedAt: moment('started_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'conversations_lead',
      columns: [table.organizationId, table.leadId],
      foreignColumns: [leads.organizationId, leads.id],
    }),
    index('conversations_lead_index').on(table.organizationId, table.leadId, table.startedAt),
  ],
);

export const messages = pgTable(
  'messages',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    conversationId: text('conversation_id').notNull(),
    /** Repeats what the conversation knows, so that a lead's history is one index scan. */
    leadId: text('lead_id').notNull(),
    author: author('author').notNull(),
    text: text('text').notNull(),
    sentAt: moment('sent_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'messages_conversation',
      columns: [table.organizationId, table.conversationId],
      foreignColumns: [conversations.organizationId, conversations.id],
    }),
    index('messages_lead_index').on(table.organizationId, table.leadId, table.sentAt, table.id),
  ],
);

export const calls = pgTable(
  'calls',
  {
    organizationId: ofOrganization(),
    id: text('id').notNull(),
    /** Null: the caller is not a known lead. */
    leadId: text('lead_id'),
    /** The telephone provider's id of the call. */
    callSid: text('call_sid').notNull(),
    agentId: text('agent_id').notNull(),
    state: callState('state').notNull().default('in_progress'),
    outcome: text('outcome'),
    startedAt: moment('started_at').notNull().defaultNow(),
    endedAt: moment('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'calls_lead',
      columns: [table.organizationId, table.leadId],
      foreignColumns: [leads.organizationId, leads.id],
    }),
    unique('calls_sid_unique').on(table.organizationId, table.callSid),
  ],
);

/** A row: a human has taken over the conversation. No row: the agent leads it. */
export const humanControls = pgTable(
  'human_controls',
  {
    organizationId: organizationId(),
    conversationId: text('conversation_id').notNull(),
    takenBy: text('taken_by').notNull(),
    takenAt: moment('taken_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.conversationId] }),
    foreignKey({
      name: 'human_controls_conversation',
      columns: [table.organizationId, table.conversationId],
      foreignColumns: [conversations.organizationId, conversations.id],
    }),
  ],
);
