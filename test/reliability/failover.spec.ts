import { reliabilityContract } from './reliability.contract.js';
import { FAILOVER_SCENARIOS } from './scenarios/failover.scenarios.js';

reliabilityContract(FAILOVER_SCENARIOS);
