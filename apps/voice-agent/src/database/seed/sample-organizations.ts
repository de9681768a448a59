import { createHash } from 'node:crypto';
import type { greetings, organizations } from '../schema.js';

export interface SampleOrganization {
  readonly row: typeof organizations.$inferInsert;
  /** What its leads and agents talk about. */
  readonly topics: readonly string[];
}

export const SAMPLE_ORGANIZATIONS: readonly SampleOrganization[] = [
  {
    row: {
      id: 'acme-solar',
      name: 'Acme Solar',
      phone: '+14155550100',
      timezone: 'America/Los_Angeles',
    },
    topics: ['a rooftop installation', 'battery storage', 'the tax credit', 'a site visit'],
  },
  {
    row: {
      id: 'borealis-dental',
      name: 'Borealis Dental',
      phone: '+14155550101',
      timezone: 'America/Chicago',
    },
    topics: ['a cleaning appointment', 'the whitening offer', 'insurance cover', 'a check-up'],
  },
  {
    row: {
      id: 'cobalt-realty',
      name: 'Cobalt Realty',
      phone: '+14155550102',
      timezone: 'America/New_York',
    },
    topics: ['the loft downtown', 'a viewing on Saturday', 'the mortgage papers', 'a valuation'],
  },
];

/**
 * The API key of a sample organization. Made from its id, so that an example copied from one machine
 * works on the next; everybody can work it out, so it protects nothing but sample data.
 */
export function developmentApiKey(organizationId: string): string {
  const digest = createHash('sha256').update(`development key of ${organizationId}`);
  return `va_${digest.digest('base64url').slice(0, 32)}`;
}

export function sampleGreetings(organizationId: string): (typeof greetings.$inferInsert)[] {
  const template = 'Hi {first_name}, this is {organization}.';
  return [
    { organizationId, channel: 'voice', template: `${template} How can I help?` },
    { organizationId, channel: 'sms', template: `${template} Reply here any time.` },
    { organizationId, channel: 'whatsapp', template: `${template} Write or send a voice note.` },
    { organizationId, channel: 'web', template: `${template} Ask me anything.` },
  ];
}
