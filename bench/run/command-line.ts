import { parseArgs } from 'node:util';

export interface RunOptions {
  /** Names of workloads; none means all. */
  readonly workloads: readonly string[];
  readonly quick: boolean;
  readonly peers: boolean;
  /** Parts of names of contenders; none means all. */
  readonly contenders: readonly string[];
  /** File to write all results to. */
  readonly json: string | undefined;
  /** File to take the results from, instead of measuring. */
  readonly from: string | undefined;
  /** Folder to write the document to. */
  readonly docs: string | undefined;
  readonly cpuProfileDir: string | undefined;
}

export const USAGE = `npm run bench -- [workload …] [options]

  --quick            fewer and shorter rounds, smaller sizes: under 3 minutes
  --no-peers         our cache and code by hand only
  --contenders A,B   only contenders whose name contains one of these
  --docs DIR         writes performance.md and its charts there;
                     docs if nothing is left out, else none are written
  --json FILE        writes all results there
  --from FILE        takes the results of such a file instead of measuring
  --cpu-prof DIR     writes a CPU profile of each workload there
  --help             shows this, and the names of the workloads
`;

/** @throws {Error} an option or a workload that does not exist */
export function readCommandLine(args: readonly string[], known: readonly string[]): RunOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      'no-peers': { type: 'boolean', default: false },
      contenders: { type: 'string' },
      docs: { type: 'string' },
      json: { type: 'string' },
      from: { type: 'string' },
      'cpu-prof': { type: 'string' },
    },
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`There is no workload '${unknown}'. These are: ${known.join(', ')}.`);
  }
  const contenders = values.contenders?.split(',') ?? [];
  const peers = !values['no-peers'];
  const all = positionals.length === 0 && contenders.length === 0 && peers;
  return {
    workloads: positionals,
    quick: values.quick,
    peers,
    contenders,
    json: values.json,
    from: values.from,
    docs: values.docs ?? (all && values['cpu-prof'] === undefined ? 'docs' : undefined),
    cpuProfileDir: values['cpu-prof'],
  };
}
