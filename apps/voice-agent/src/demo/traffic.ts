import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConversationInitiation } from '../webhooks/conversation-initiation.schema.js';

/** A call comes in, and ElevenLabs asks what the agent should know. */
interface Call {
  readonly kind: 'call';
  readonly call: ConversationInitiation;
}

/** Somebody corrects the name of a lead, who then calls. */
export interface Edit {
  readonly kind: 'edit';
  readonly organizationId: string;
  readonly leadId: string;
  readonly lastName: string;
  readonly call: ConversationInitiation;
}

export type Exchange = Call | Edit;

/** What `demo/generate-traffic.ts` has written, in this order. */
export function storedTraffic(): Exchange[] {
  const text = readFileSync(join(__dirname, '../../demo/traffic.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Exchange);
}
