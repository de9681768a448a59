import { reliabilityContract } from './reliability.contract.js';
import { DATA_SCENARIOS } from './scenarios/data.scenarios.js';

reliabilityContract(DATA_SCENARIOS);
