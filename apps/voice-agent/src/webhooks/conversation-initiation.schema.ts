import { z } from 'zod';

/**
 * What ElevenLabs posts when a call comes in by Twilio, and the names it has there.
 *
 * @see https://elevenlabs.io/docs/eleven-agents/customization/personalization/twilio-personalization
 */
export const conversationInitiation = z
  .object({
    caller_id: z
      .string()
      .meta({ description: 'The number of the caller, or a word such as `anonymous`' }),
    agent_id: z.string().min(1),
    called_number: z.string().meta({ description: 'The number that was called' }),
    call_sid: z.string().min(1),
  })
  .meta({
    id: 'ConversationInitiation',
    example: {
      caller_id: '+12015550100',
      agent_id: 'agent_1',
      called_number: '+14155550100',
      call_sid: 'CA0001',
    },
  });

export type ConversationInitiation = z.infer<typeof conversationInitiation>;

/**
 * What the agent is told before it says a word. Every variable is always there: an agent whose prompt
 * names one that is missing does not start. Its first message should be `{{greeting}}`.
 */
export const conversationInitiationData = z
  .object({
    type: z.literal('conversation_initiation_client_data'),
    dynamic_variables: z.object({
      organization_name: z.string(),
      greeting: z.string(),
      caller_known: z.boolean(),
      lead_id: z.string(),
      customer_name: z.string(),
      lead_status: z.string(),
      last_contact: z.string().meta({ description: 'A date, or `never`' }),
      recent_messages: z.string().meta({ description: 'One line each, oldest first' }),
    }),
  })
  .meta({ id: 'ConversationInitiationData' });

export type ConversationInitiationData = z.infer<typeof conversationInitiationData>;
