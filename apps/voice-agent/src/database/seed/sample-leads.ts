import { channel, leadStatus, type conversations, type leads, type messages } from '../schema.js';
import { SeededRandom } from './random.js';

type NewLead = typeof leads.$inferInsert;
type NewConversation = typeof conversations.$inferInsert;
type NewMessage = typeof messages.$inferInsert;

export interface SampleData {
  readonly leads: NewLead[];
  readonly conversations: NewConversation[];
  readonly messages: NewMessage[];
}

export const LEADS_PER_ORGANIZATION = 2_000;

const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2026, 0, 5, 9);

const FIRST_NAMES = ['Ada', 'Ben', 'Carla', 'Dmitri', 'Elif', 'Femi', 'Grace', 'Hugo', 'Ines'];
const LAST_NAMES = ['Abara', 'Berg', 'Costa', 'Dahl', 'Engel', 'Ferro', 'Gupta', 'Hayes', 'Ito'];

/** Each has the numbers 555-0100 to 555-0199, which are kept free for fiction. */
const AREA_CODES = [
  ...[201, 202, 203, 205, 206, 207, 208, 209, 210, 212],
  ...[213, 214, 215, 216, 217, 218, 219, 224, 225, 228],
];

export function sampleLeadId(number: number): string {
  return `lead_${fourDigits(number)}`;
}

export function samplePhone(number: number): string {
  const areaCode = AREA_CODES[Math.floor((number - 1) / 100)];
  return `+1${areaCode}55501${String((number - 1) % 100).padStart(2, '0')}`;
}

/**
 * The leads of one organization and what was said to them. Ids and phones are the same in every
 * organization and the people behind them are not: a cache that mixed tenants up would show at once.
 */
export function sampleData(
  organizationId: string,
  topics: readonly string[],
  seed: number,
): SampleData {
  const random = new SeededRandom(seed);
  const data: SampleData = { leads: [], conversations: [], messages: [] };
  for (let number = 1; number <= LEADS_PER_ORGANIZATION; number += 1) {
    const lead = sampleLead(organizationId, number, random);
    data.leads.push(lead);
    if (random.next() < 0.25) continue; // not every lead has called yet
    const conversation = sampleConversation(lead, number, random);
    data.conversations.push(conversation);
    data.messages.push(...sampleMessages(conversation, number, random.pick(topics), random));
  }
  return data;
}

function sampleLead(organizationId: string, number: number, random: SeededRandom): NewLead {
  const firstName = random.pick(FIRST_NAMES);
  const lastName = random.pick(LAST_NAMES);
  const createdAt = new Date(FIRST_DAY_MS + random.between(0, 200) * DAY_MS);
  return {
    organizationId,
    id: sampleLeadId(number),
    phone: samplePhone(number),
    firstName,
    lastName,
    email: `${firstName}.${lastName}.${number}@example.com`.toLowerCase(),
    status: random.pick(leadStatus.enumValues),
    createdAt,
    updatedAt: createdAt,
  };
}

function sampleConversation(lead: NewLead, number: number, random: SeededRandom) {
  const since = lead.createdAt?.getTime() ?? FIRST_DAY_MS;
  return {
    organizationId: lead.organizationId,
    id: `conv_${fourDigits(number)}`,
    leadId: lead.id,
    channel: random.pick(channel.enumValues),
    startedAt: new Date(since + random.between(1, 90) * DAY_MS),
  } satisfies NewConversation;
}

function sampleMessages(
  conversation: ReturnType<typeof sampleConversation>,
  number: number,
  topic: string,
  random: SeededRandom,
): NewMessage[] {
  const lines = [
    ['lead', `Hello, I am calling about ${topic}.`],
    ['agent', `Happy to help with ${topic}. What would you like to know?`],
    ['lead', 'How long would it take, and what does it cost?'],
    ['agent', 'Usually two weeks. I will send you an offer today.'],
    ['lead', 'Thank you, please call me again next week.'],
  ] as const;
  return lines.slice(0, random.between(2, lines.length)).map(([author, text], index) => ({
    organizationId: conversation.organizationId,
    id: `msg_${fourDigits(number)}_${index + 1}`,
    conversationId: conversation.id,
    leadId: conversation.leadId,
    author,
    text,
    sentAt: new Date(conversation.startedAt.getTime() + index * 20_000),
  }));
}

function fourDigits(number: number): string {
  return String(number).padStart(4, '0');
}
