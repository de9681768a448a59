/*
 * Makes the traffic that the demo replays; the same every time.
 *
 *     npx nest build voice-agent
 *     node dist/apps/voice-agent/apps/voice-agent/demo/generate-traffic.js > apps/voice-agent/demo/traffic.jsonl
 */
import { SeededRandom } from '../src/database/seed/random.js';
import {
  LEADS_PER_ORGANIZATION,
  sampleLeadId,
  samplePhone,
} from '../src/database/seed/sample-leads.js';
import { SAMPLE_ORGANIZATIONS } from '../src/database/seed/sample-organizations.js';
import type { Exchange } from '../src/demo/traffic.js';

const EXCHANGES = 2_000;
const EDIT_EVERY = 20;
const LAST_NAMES = ['Quist', 'Rossi', 'Sato', 'Tanaka', 'Umar', 'Vogel', 'Weiss', 'Young', 'Zhao'];

/** One in twenty is an edit, each of another lead; few leads call often and many seldom. */
export function generateTraffic(): Exchange[] {
  const random = new SeededRandom(2026);
  const edited = new Set<string>();
  return Array.from({ length: EXCHANGES }, (_, index): Exchange => {
    const organization = random.pick(SAMPLE_ORGANIZATIONS).row;
    const lead = callerRank(random);
    const call = {
      caller_id: random.next() < 0.03 ? 'anonymous' : samplePhone(lead),
      agent_id: `agent_${organization.id}`,
      called_number: organization.phone,
      call_sid: `CA${String(index + 1).padStart(6, '0')}`,
    };
    const name = `${organization.id} ${lead}`;
    if ((index + 1) % EDIT_EVERY !== 0 || edited.has(name)) return { kind: 'call', call };
    edited.add(name);
    return {
      kind: 'edit',
      organizationId: organization.id,
      leadId: sampleLeadId(lead),
      lastName: random.pick(LAST_NAMES),
      call: { ...call, caller_id: samplePhone(lead) },
    };
  });
}

/** Lead 1 calls most: ranks fall off by Zipf's law, near enough. */
function callerRank(random: SeededRandom): number {
  return Math.floor(LEADS_PER_ORGANIZATION ** random.next());
}

if (require.main === module) {
  for (const exchange of generateTraffic()) process.stdout.write(`${JSON.stringify(exchange)}\n`);
}
