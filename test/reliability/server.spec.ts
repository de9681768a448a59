import { reliabilityContract } from './reliability.contract.js';
import { SERVER_SCENARIOS } from './scenarios/server.scenarios.js';

reliabilityContract(SERVER_SCENARIOS);
