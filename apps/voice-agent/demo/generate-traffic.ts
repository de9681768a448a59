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

/** One in twenty is an edit, each of another lead; of the calls, few leads make many and many a few. */
export function generateTraffic(): Exchange[] {
  const random = new SeededRandom(2026);
  return Array.from({ length: EXCHANGES }, (_, index): Exchange => {
    const { id: organizationId, phone } = random.pick(SAMPLE_ORGANIZATIONS).row;
    const isEdit = (index + 1) % EDIT_EVERY === 0;
    const lead = isEdit ? nextEdited(index) : callerRank(random);
    const isHidden = !isEdit && random.next() < 0.03;
    const call = {
      caller_id: isHidden ? 'anonymous' : samplePhone(lead),
      agent_id: `agent_${organizationId}`,
      called_number: phone,
      call_sid: `CA${String(index + 1).padStart(6, '0')}`,
    };
    if (!isEdit) return { kind: 'call', call };
    const lastName = random.pick(LAST_NAMES);
    return { kind: 'edit', organizationId, leadId: sampleLeadId(lead), lastName, call };
  });
}

/** Goes through all leads in no order before it comes back to one: 617 divides nothing here. */
function nextEdited(index: number): number {
  return 1 + ((index * 617) % LEADS_PER_ORGANIZATION);
}

/** Lead 1 calls most: ranks fall off by Zipf's law, near enough. */
function callerRank(random: SeededRandom): number {
  return Math.floor(LEADS_PER_ORGANIZATION ** random.next());
}

if (require.main === module) {
  for (const exchange of generateTraffic()) process.stdout.write(`${JSON.stringify(exchange)}\n`);
}
