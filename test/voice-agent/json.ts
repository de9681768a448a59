import type { z } from 'zod';
import type { callSchema } from '../../apps/voice-agent/src/calls/call.schema.js';
import type {
  conversationContext,
  conversationSummary,
} from '../../apps/voice-agent/src/conversations/conversation-insight.schema.js';
import type {
  conversationSchema,
  messageSchema,
} from '../../apps/voice-agent/src/conversations/conversation.schema.js';
import type { humanControlSchema } from '../../apps/voice-agent/src/human-control/human-control.schema.js';
import type { leadSchema } from '../../apps/voice-agent/src/leads/lead.schema.js';
import type { Page } from '../../apps/voice-agent/src/pagination/page.js';

/* The bodies of answers, as the app describes them. */

export type LeadJson = z.infer<typeof leadSchema>;
export type LeadPageJson = Page<LeadJson>;
export type ConversationJson = z.infer<typeof conversationSchema>;
export type MessageJson = z.infer<typeof messageSchema>;
export type MessagePageJson = Page<MessageJson>;
export type ContextJson = z.infer<typeof conversationContext>;
export type SummaryJson = z.infer<typeof conversationSummary>;
export type HumanControlJson = z.infer<typeof humanControlSchema>;
export type CallJson = z.infer<typeof callSchema>;
