import { parseArgs } from 'node:util';

export interface RunOptions {
  /** Names of workloads; none means all. */
  readonly workloads: readonly string[];
  readonly quick: boolean;
  readonly peers: boolean;
  readonly contenders: readonly string[];
  readonly json: string | undefined;
  readonly cpuProfileDir: string | undefined;
}

export const USAGE = `npm run bench -- [workload …] [options]

  --quick            fewer and shorter rounds, smaller sizes: under 3 minutes
  --no-peers         our cache and code by hand only
  --contenders A,B   only contenders whose name contains one of these
  --json FILE        writes all results there
  --cpu-prof DIR     writes a CPU profile of each workload there
  --help             shows this, and the names of the workloads
`;

/** @throws {Error} an option or a workload that does not exist */
export function readCommandLine(args: readonly string[], known: readonly string[]): RunOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    allowNegative: true,
    options: {
      quick: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: true },
      contenders: { type: 'string' },
      json: { type: 'string' },
      'cpu-prof': { type: 'string' },
    },
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`There is no workload '${unknown}'. These are: ${known.join(', ')}.`);
  }
  return {
    workloads: positionals,
    quick: values.quick,
    peers: values.peers,
    contenders: values.contenders?.split(',') ?? [],
    json: values.json,
    cpuProfileDir: values['cpu-prof'],
  };
}
