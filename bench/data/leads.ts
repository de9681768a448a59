/** What is cached: a lead of a CRM, about 200 bytes as JSON. */
export interface Lead {
  readonly id: string;
  readonly name: string;
  readonly phone: string;
  readonly email: string;
  readonly status: string;
  readonly score: number;
  readonly active: boolean;
  readonly tags: readonly string[];
  readonly owner: { readonly id: number; readonly team: string };
}

/** The lead with this number. */
export function leadOf(number: number): Lead {
  const id = String(number).padStart(7, '0');
  return {
    id,
    name: `Lead number ${id}`,
    phone: `+1555${id}`,
    email: `lead.${id}@example.com`,
    status: 'qualified',
    score: number % 100,
    active: true,
    tags: ['vip', 'north'],
    owner: { id: number % 97, team: 'sales' },
  };
}

/** A copy by hand, which cannot be made faster. */
export function copyOfLead<T extends Lead>(lead: T): T {
  return { ...lead, tags: [...lead.tags], owner: { ...lead.owner } };
}

/** As many leads as make about this many bytes of JSON. */
export function leadsOf(bytes: number): Lead[] {
  const each = JSON.stringify(leadOf(0)).length + 1;
  return Array.from({ length: Math.floor(bytes / each) }, (_, index) => leadOf(index));
}
