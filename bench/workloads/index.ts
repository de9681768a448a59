import type { Workload } from '../measure/workload.js';
import { decorated } from './decorated.workload.js';
import { farHit } from './far-hit.workload.js';
import { keyBuilding } from './key-building.workload.js';
import { miss } from './miss.workload.js';
import { nearHit } from './near-hit.workload.js';

/** All workloads, in the order they are measured and reported in. */
export const WORKLOADS: readonly Workload[] = [nearHit, decorated, farHit, miss, keyBuilding];
