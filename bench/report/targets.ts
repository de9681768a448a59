import { MAP, MAP_CLONED, OWN, OWN_SHARING, WITH_METRICS } from '../contenders/names.js';
import type { Results } from './results.js';

/** What we want to reach. Exactly one of the bounds is given. */
export interface Target {
  readonly work: string;
  readonly measured: (results: Results) => number | undefined;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** Behind the numbers. @default none */
  readonly unit?: string;
}

const times = { unit: ' ×' } as const;
const micros = { unit: ' µs' } as const;
const millis = { unit: ' ms' } as const;
const percent = { unit: ' %' } as const;

/**
 * Quotients are those of one run, by the median. Commands have two rows where a bound may be read in
 * two ways: what clients send, and what Redis runs, which is more where scripts run several and one
 * command is sent for many entries.
 */
export const TARGETS: readonly Target[] = [
  { work: 'near hit, a copy: time ÷ Map', measured: ratio('near-hit/copy'), atMost: 8, ...times },
  {
    work: 'near hit, a copy: time of the fastest peer that copies ÷ ours',
    measured: fasterThanPeers('near-hit/copy'),
    atLeast: 8,
    ...times,
  },
  { work: 'near hit, share: time ÷ Map', measured: ratio('near-hit/share'), atMost: 1.2, ...times },
  {
    work: 'decorated method, tenant from context, near hit, share: time ÷ Map',
    measured: ratio('decorated/share'),
    atMost: 5,
    ...times,
  },
  { work: 'far hit, 1 in flight: speed ÷ by hand', ...speed('far-hit/1', 0.95) },
  { work: 'far hit, 64 in flight: speed ÷ by hand', ...speed('far-hit/64', 1.6) },
  { work: 'far hit, 512 in flight: speed ÷ by hand', ...speed('far-hit/512', 2) },
  { work: 'far hit with near fill, 64: speed ÷ by hand', ...speed('far-hit/near-fill', 1.2) },
  { work: 'miss with lease, 64: speed ÷ by hand', ...speed('miss/64', 1) },
  { work: 'miss: commands sent', measured: own('miss/64', 'commands'), atMost: 2 },
  { work: 'miss: commands that Redis ran', measured: allCommands('miss/64'), atMost: 2 },
  // A sign of life that the bus sends itself now and then falls into the count.
  { work: 'miss: messages published', measured: own('miss/64', 'publishes'), atMost: 0.01 },
  { work: 'cold key, 1 process: loads', measured: own('cold-key/1', 'loads'), atMost: 1 },
  { work: 'cold key, 4 processes: loads', measured: own('cold-key/4', 'loads'), atMost: 1 },
  {
    work: 'cold key, 1 process: time ÷ load',
    measured: ratio('cold-key/1'),
    atMost: 1.3,
    ...times,
  },
  {
    work: 'cold key, 4 processes: time ÷ load',
    measured: ratio('cold-key/4'),
    atMost: 1.3,
    ...times,
  },
  { work: 'far hit of 10 KB: speed ÷ by hand', ...speed('far-hit/10k', 1) },
  { work: 'far hit of 1 MB: speed ÷ by hand', ...speed('far-hit/1m', 1) },
  {
    work: 'near hit of 10 KB, a copy',
    measured: own('near-hit/copy-10k', 'timeNs', 1e3),
    atMost: 25,
    ...micros,
  },
  {
    work: 'near hit of 1 MB, share',
    measured: own('near-hit/share-1m', 'timeNs', 1e3),
    atMost: 1,
    ...micros,
  },
  { work: 'reads and writes by Zipf: speed ÷ by hand', ...speed('zipf-mix/64', 2) },
  { work: 'the same: commands sent', measured: own('zipf-mix/64', 'commands'), atMost: 0.2 },
  { work: 'the same: commands that Redis ran', measured: allCommands('zipf-mix/64'), atMost: 0.2 },
  {
    work: 'the same: reads off Redis',
    measured: own('zipf-mix/64', 'nearHitPercent'),
    atLeast: 77,
    ...percent,
  },
  { work: 'the same: stale answers', measured: own('zipf-mix/64', 'stale'), atMost: 0 },
  {
    work: 'Zipf 0.99 without writes: hits in the process',
    measured: own('hit-rate/zipf', 'hitPercent'),
    atLeast: 77,
    ...percent,
  },
  ...(['tag', 'cache', 'tenant'] as const).flatMap((level): Target[] => [
    {
      work: `evict a ${level}: commands sent`,
      measured: (results) => results.largest(`evict-group/${level}`, OWN)?.commands,
      atMost: 2,
    },
    {
      work: `evict a ${level}: time with very many entries ÷ with 1,000`,
      measured: (results) => results.largest(`evict-group/${level}`, OWN)?.ratio,
      // The same, but for what medians of the same may differ by.
      atMost: 1.3,
      ...times,
    },
  ]),
  ...(['killed', 'hung'] as const).flatMap((failure): Target[] => {
    const of = (measure: string, divisor?: number): Target['measured'] =>
      own(`outage/${failure}`, measure, divisor);
    return [
      { work: `Redis ${failure}: errors`, measured: of('errors'), atMost: 0 },
      { work: `Redis ${failure}: calls without an answer`, measured: of('unanswered'), atMost: 0 },
      { work: `Redis ${failure}: stale answers`, measured: of('stale'), atMost: 0 },
      {
        work: `Redis ${failure}: median once suspended`,
        measured: of('suspendedNs', 1e6),
        atMost: 0.1,
        ...millis,
      },
      {
        work: `Redis ${failure}: slowest call (budget 100 ms + 20 ms)`,
        measured: of('slowestNs', 1e6),
        atMost: 120,
        ...millis,
      },
      {
        work: `Redis ${failure}: used again after its return`,
        measured: of('backNs', 1e6),
        atMost: 300,
        ...millis,
      },
    ];
  }),
  {
    work: 'eviction seen by another process: time ÷ PUBLISH and SUBSCRIBE',
    measured: ratio('evict-seen/key'),
    atMost: 1.2,
    ...times,
  },
  {
    work: 'memory in the process, share: bytes ÷ Map',
    measured: (results) => results.median('memory/near', OWN_SHARING, 'ratio'),
    atMost: 1.8,
    ...times,
  },
  {
    work: 'memory in Redis, untagged: bytes ÷ by hand',
    measured: ratio('memory/redis'),
    atMost: 1.2,
    ...times,
  },
  {
    work: 'near hit, share, with metrics for Prometheus: time ÷ without',
    measured: (results) => results.median('observation/near-hit', WITH_METRICS, 'ratio'),
    atMost: 1.05,
    ...times,
  },
  {
    work: 'added to the start of an application',
    measured: own('start-up/nest', 'addedNs', 1e6),
    atMost: 30,
    ...millis,
  },
  {
    work: 'packages that come with it',
    measured: own('start-up/dependencies', 'packages'),
    atMost: 3,
  },
];

/** Whether a target was reached; undefined if it was not measured. */
export function isMet(
  { atMost, atLeast, measured }: Target,
  results: Results,
): boolean | undefined {
  const value = measured(results);
  if (value === undefined) return undefined;
  return atMost === undefined ? value >= (atLeast ?? -Infinity) : value <= atMost;
}

function own(caseId: string, measure: string, divisor = 1): Target['measured'] {
  return (results) => {
    const median = results.median(caseId, OWN, measure);
    return median === undefined ? undefined : median / divisor;
  };
}

function allCommands(caseId: string): Target['measured'] {
  return (results) => {
    const sent = results.median(caseId, OWN, 'commands');
    const inScripts = results.median(caseId, OWN, 'inScripts');
    return sent === undefined || inScripts === undefined ? undefined : sent + inScripts;
  };
}

function ratio(caseId: string): Target['measured'] {
  return own(caseId, 'ratio');
}

function speed(caseId: string, atLeast: number): Omit<Target, 'work'> {
  const measured = (results: Results): number | undefined => {
    const median = results.median(caseId, OWN, 'ratio');
    return median === undefined ? undefined : 1 / median;
  };
  return { measured, atLeast, ...times };
}

function fasterThanPeers(caseId: string): Target['measured'] {
  return (results) => {
    const ours = results.median(caseId, OWN, 'timeNs');
    const peers = results
      .contenders(caseId)
      .filter((name) => ![OWN, MAP, MAP_CLONED].includes(name))
      .map((name) => results.median(caseId, name, 'timeNs') ?? Infinity);
    return ours === undefined || peers.length === 0 ? undefined : Math.min(...peers) / ours;
  };
}
