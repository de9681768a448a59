import { reliabilityContract } from './reliability.contract.js';
import { CONNECTION_SCENARIOS } from './scenarios/connection.scenarios.js';

reliabilityContract(CONNECTION_SCENARIOS);
