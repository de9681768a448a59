import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { RunReport } from '../../bench/report/results.js';
import { readCommandLine } from '../../bench/run/command-line.js';
import { hasRedisBinary } from '../support/redis/redis-server.js';

const ROOT = resolve(__dirname, '../..');
const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describe('the command line of the benchmarks', () => {
  const read = (...args: string[]) => readCommandLine(args, ['near-hit', 'far-hit']);

  it('measures all and writes the document where nothing is left out', () => {
    expect(read()).toMatchObject({ workloads: [], quick: false, peers: true, docs: 'docs' });
    expect(read('--quick')).toMatchObject({ quick: true, docs: 'docs' });
  });

  it.each([
    [['near-hit']],
    [['--no-peers']],
    [['--contenders', 'Map,lru']],
    [['--cpu-prof', 'profiles']],
  ])('does not overwrite the document with a part of it: %j', (args) => {
    expect(read(...args).docs).toBeUndefined();
  });

  it('writes it where it is asked to', () => {
    expect(read('near-hit', '--docs', 'out').docs).toBe('out');
  });

  it('names the workloads there are where one is unknown', () => {
    expect(() => read('hit')).toThrow("There is no workload 'hit'. These are: near-hit, far-hit.");
  });
});

describeWithServer('the harness', () => {
  it('measures a workload by processes of its own and writes what it has found', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const json = join(folder, 'results.json');
    const args = ['miss', '--quick', '--no-peers', '--contenders', 'ioredis 6,nestjs-redis-cache'];
    const main = ['--require', './bench/register.cjs', 'bench/main.ts'];
    await promisify(execFile)(
      process.execPath,
      [...main, ...args, '--json', json, '--docs', folder],
      {
        cwd: ROOT,
      },
    );
    const { workloads } = JSON.parse(readFileSync(json, 'utf8')) as RunReport;
    const document = readFileSync(join(folder, 'performance.md'), 'utf8');
    rmSync(folder, { recursive: true });

    expect(workloads.map(({ workload, error }) => [workload, error])).toEqual([
      ['miss', undefined],
    ]);
    const figures = workloads[0]!.cases.find(({ id }) => id === 'miss/64')!.figures;
    const loads = figures.map(({ contender, measures }) => [contender, measures.loads?.median]);
    expect(loads).toEqual([
      ['ioredis 6, by hand', 1],
      ['nestjs-redis-cache', 1],
      ['nestjs-redis-cache, near: false', 1],
    ]);
    const { commands, publishes } = figures[0]!.measures;
    // What code by hand never sends: signs of life of ours, which the count of their server has too.
    expect(commands!.median - publishes!.median).toBe(2);
    expect(document).toContain('performance/miss.svg');
  }, 60_000);
});
