import type { Workload } from '../measure/workload.js';
import { coldKey } from './cold-key.workload.js';
import { decorated } from './decorated.workload.js';
import { evictGroup } from './evict-group.workload.js';
import { evictSeen } from './evict-seen.workload.js';
import { farHit } from './far-hit.workload.js';
import { garbage } from './garbage.workload.js';
import { growth } from './growth.workload.js';
import { hitRate } from './hit-rate.workload.js';
import { keyBuilding } from './key-building.workload.js';
import { memory } from './memory.workload.js';
import { miss } from './miss.workload.js';
import { nearHit } from './near-hit.workload.js';
import { observation } from './observation.workload.js';
import { outage } from './outage.workload.js';
import { startUp } from './start-up.workload.js';
import { zipfMix } from './zipf-mix.workload.js';

/** All workloads, in the order they are measured and reported in. */
export const WORKLOADS: readonly Workload[] = [
  nearHit,
  decorated,
  farHit,
  miss,
  coldKey,
  zipfMix,
  evictGroup,
  evictSeen,
  outage,
  hitRate,
  keyBuilding,
  memory,
  garbage,
  growth,
  observation,
  startUp,
];
