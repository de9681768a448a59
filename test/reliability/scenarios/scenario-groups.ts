import type { Scenario } from '../scenario.js';
import { CONNECTION_SCENARIOS } from './connection.scenarios.js';
import { DATA_SCENARIOS } from './data.scenarios.js';
import { FAILOVER_SCENARIOS } from './failover.scenarios.js';
import { REFUSAL_SCENARIOS } from './refusal.scenarios.js';
import { SERVER_SCENARIOS } from './server.scenarios.js';

/** Scenarios of one topic. */
export interface ScenarioGroup {
  readonly title: string;
  readonly scenarios: readonly Scenario[];
}

export const SCENARIO_GROUPS: readonly ScenarioGroup[] = [
  { title: 'The server is gone, hangs or is busy with itself', scenarios: SERVER_SCENARIOS },
  { title: 'The way to the server is broken', scenarios: CONNECTION_SCENARIOS },
  { title: 'The server refuses', scenarios: REFUSAL_SCENARIOS },
  { title: 'What the server holds is damaged', scenarios: DATA_SCENARIOS },
  { title: 'Another server takes over', scenarios: FAILOVER_SCENARIOS },
];
