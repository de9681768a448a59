import { readFileSync } from 'node:fs';
import { failureReason } from '../connection/failure-kind.js';
import { redactUrl } from '../errors/redact.js';
import { AwayError, UsageError } from './command.error.js';
import { samplesIn, type Sample } from './prometheus-text.js';

/** What of the command line says where applications tell what they count. */
export interface AppFlags {
  readonly from?: readonly string[];
  readonly fromHeader?: string;
}

/** What the applications have counted of one cache, all of them together, since they were started. */
export interface AppCache {
  readonly cache: string;
  readonly nearHits: number;
  readonly farHits: number;
  readonly stale: number;
  readonly joined: number;
  readonly misses: number;
  readonly bypassed: number;
  readonly loads: number;
  readonly loadErrors: number;
  /** Time that all loads together have taken. */
  readonly loadMs: number;
}

/** What one process says of itself. */
export interface AppProcess {
  readonly from: string;
  /** Of its connection to Redis; null where it has none. */
  readonly state: string | null;
  /** Whether it answers from its own memory. */
  readonly trusted: boolean;
}

export interface AppMetrics {
  readonly processes: readonly AppProcess[];
  readonly caches: readonly AppCache[];
}

/** What all names of the library's metrics end in, behind a prefix that the application chooses. */
const OPERATIONS = '_operations_total';

/**
 * Reads what applications count, by the metrics that `nestjs-redis-cache/metrics` serves.
 *
 * @throws {AwayError} an address does not answer
 * @throws {UsageError} what answers has no such metrics
 */
export async function readApps(
  { from = [], fromHeader }: AppFlags,
  timeoutMs: number,
): Promise<AppMetrics> {
  const headers = headersIn(fromHeader);
  const scrapes = await Promise.all(
    from.map(async (url) => ({ url, samples: await scrape(url, headers, timeoutMs) })),
  );
  return {
    processes: scrapes.map(({ url, samples }) => processOf(url, samples)),
    caches: cachesIn(scrapes.flatMap(({ samples }) => samples)),
  };
}

async function scrape(
  url: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Sample[]> {
  const place = addressOf(url);
  const name = redactUrl(place.href);
  let text: string;
  try {
    const answer = await fetch(place, { headers, signal: AbortSignal.timeout(timeoutMs) });
    if (!answer.ok) throw new Error(`it answers ${answer.status} ${answer.statusText}`.trim());
    text = await answer.text();
  } catch (error) {
    throw new AwayError(name, reasonOf(error));
  }
  const samples = samplesIn(text);
  if (samples.some(({ name: metric }) => metric.endsWith(OPERATIONS))) return samples;
  throw new UsageError(
    `--from is ${name}, and what answers there has no metrics of the cache. ` +
      'Name the address of RedisCacheMetricsModule, such as http://localhost:3000/metrics.',
  );
}

function addressOf(url: string): URL {
  try {
    const place = new URL(url);
    if (/^https?:$/.test(place.protocol) && place.username === '' && place.password === '')
      return place;
  } catch {
    // told below
  }
  throw new UsageError(
    `--from is '${redactUrl(url)}'; expected a URL such as http://localhost:3000/metrics. ` +
      'What proves who you are goes into a file of headers: --from-header <file>.',
  );
}

/** In a file, as what stands in a command line is seen by everybody on the machine. */
function headersIn(file: string | undefined): Record<string, string> {
  if (file === undefined) return {};
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--from-header: ${failureReason(error)}. Name a file that can be read.`);
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line, i) => {
      const [, name, value] = /^([\w-]+):\s*(.*\S)\s*$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) return [name, value];
      throw new UsageError(`Line ${i + 1} of --from-header is no header; expected Name: value.`);
    }),
  );
}

/** What `fetch` itself says is no more than that it failed. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it does not answer in time';
  return failureReason(error instanceof Error && error.cause ? error.cause : error);
}

function processOf(url: string, samples: readonly Sample[]): AppProcess {
  const one = (ending: string) =>
    samples.find(({ name, value }) => name.endsWith(ending) && value === 1);
  return {
    from: redactUrl(url),
    state: one('_connection_state')?.labels.get('state') ?? null,
    trusted: one('_bus_trusted') !== undefined,
  };
}

type Counts = { -readonly [Field in keyof AppCache]: AppCache[Field] };

function cachesIn(samples: readonly Sample[]): AppCache[] {
  const caches = new Map<string, Counts>();
  for (const { name, labels, value } of samples) {
    const cache = labels.get('resource');
    if (cache === undefined) continue;
    let counts = caches.get(cache);
    if (!counts) caches.set(cache, (counts = nothingOf(cache)));
    if (name.endsWith('_load_duration_seconds_sum')) counts.loadMs += value * 1_000;
    const field = name.endsWith(OPERATIONS) ? fieldOf(labels) : undefined;
    for (const counted of field ?? []) counts[counted] += value;
  }
  return [...caches.values()];
}

function nothingOf(cache: string): Counts {
  return {
    cache,
    nearHits: 0,
    farHits: 0,
    stale: 0,
    joined: 0,
    misses: 0,
    bypassed: 0,
    loads: 0,
    loadErrors: 0,
    loadMs: 0,
  };
}

/** As what an operation counts. */
function fieldOf(labels: Sample['labels']): Exclude<keyof AppCache, 'cache'>[] | undefined {
  const type = labels.get('type') ?? '';
  switch (labels.get('operation')) {
    case 'load':
      return type === 'error' ? ['loads', 'loadErrors'] : ['loads'];
    case 'read':
      if (type === 'near_hit') return ['nearHits'];
      if (type === 'far_hit') return ['farHits'];
      if (type === 'stale') return ['stale'];
      if (type === 'joined') return ['joined'];
      return type.startsWith('miss_') ? ['misses'] : ['bypassed'];
    default:
      return undefined;
  }
}

/** Part of the calls that were answered without a load: undefined where there were none. */
export function hitRateOf({ nearHits, farHits, stale, misses }: AppCache): number | undefined {
  const hits = nearHits + farHits + stale;
  return hits + misses === 0 ? undefined : hits / (hits + misses);
}
