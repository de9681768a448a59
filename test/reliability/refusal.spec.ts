import { reliabilityContract } from './reliability.contract.js';
import { REFUSAL_SCENARIOS } from './scenarios/refusal.scenarios.js';

reliabilityContract(REFUSAL_SCENARIOS);
