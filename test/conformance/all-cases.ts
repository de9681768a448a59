import { clusterCases } from './cases/cluster.cases.js';
import { evictionCases } from './cases/evictions.cases.js';
import { isolationCases } from './cases/isolation.cases.js';
import { loadCases } from './cases/loads.cases.js';
import { outageCases } from './cases/outages.cases.js';
import { processCases } from './cases/processes.cases.js';
import { serverCases } from './cases/server.cases.js';
import { valueCases } from './cases/values.cases.js';
import type { ConformanceCase } from './conformance-case.js';

/** All cases, in the order of the table. Their names are theirs alone. */
export const ALL_CASES: readonly ConformanceCase[] = [
  ...evictionCases,
  ...processCases,
  ...serverCases,
  ...outageCases,
  ...clusterCases,
  ...loadCases,
  ...valueCases,
  ...isolationCases,
];
