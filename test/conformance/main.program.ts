import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import prettier from 'prettier';
import { installPeers } from '../../bench/peer-libraries.js';
import { findRedisBinary } from '../support/redis/redis-binary.js';
import { RedisServerProcess } from '../support/redis/redis-server.js';
import { ALL_CASES } from './all-cases.js';
import { comparisonReport, type Surroundings } from './comparison.report.js';
import { ourCache } from './our-cache.js';
import { runPeer, type PeerRun } from './peer-run.js';
import { allPeers } from './peers.js';
import type { Verdict } from './verdict.js';

const ROOT = join(__dirname, '../..');
const REPORT = join(ROOT, 'docs/comparison.md');

/**
 * Tries the cases on this library, or with `--peers` on all, and then writes the comparison:
 * `npm run conformance [-- --peers] [--only <library>]…`
 */
async function main(): Promise<void> {
  const { peers, only } = parseArgs({
    options: { peers: { type: 'boolean' }, only: { type: 'string', multiple: true } },
  }).values;
  if ((peers || only) && !installPeers()) throw new Error('`npm ci --prefix bench` has failed.');
  const names = only ?? (peers ? allPeers() : [ourCache.name]);
  const server = await RedisServerProcess.start();
  try {
    const runs: PeerRun[] = [];
    for (const name of names) runs.push(await runAndTell(name, server.url));
    if (peers && !only) await write(runs);
    process.exitCode = passes(runs) ? 0 : 1;
  } finally {
    await server.stop();
  }
}

async function runAndTell(name: string, url: string): Promise<PeerRun> {
  console.log(`\n${name}`);
  const cases = ALL_CASES.map((one) => one.name);
  return runPeer(name, url, cases, (one, { kind, seen }: Verdict) => {
    console.log(`  ${kind.padEnd(11)} ${one}: ${seen}`);
  });
}

/** Others may fail: what is to be known is what they do. */
function passes(runs: readonly PeerRun[]): boolean {
  const ours = runs.find(({ name }) => name === ourCache.name);
  return ours === undefined || [...ours.verdicts.values()].every(({ kind }) => kind === 'pass');
}

async function write(runs: readonly PeerRun[]): Promise<void> {
  const text = comparisonReport(ALL_CASES, runs, surroundings());
  const options = await prettier.resolveConfig(REPORT);
  await writeFile(REPORT, await prettier.format(text, { ...options, parser: 'markdown' }));
  console.log(`\nWritten: ${REPORT}`);
}

function surroundings(): Surroundings {
  const binary = findRedisBinary();
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    redis: binary ? `${binary.command} ${binary.version}` : 'no server',
    machine: `${processors.length} × ${processors[0]?.model.trim() ?? 'an unknown processor'}`,
  };
}

void main();
