/* Tries the packed library in every kind of project: `npm run matrix [-- --only 'Nest 11']`. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startRedisForTests } from '../../support/redis/redis-for-tests.js';
import { packedLibrary } from '../support/packed-library.js';
import { Consumer } from './consumer.js';
import { install } from './install.js';
import { WHOLE_MATRIX, type Installation } from './matrix.js';
import { labelOf } from './project-kind.js';
import { tableOf, type Results } from './table.js';
import { tryCheck } from './try-check.js';
import type { Verdict } from './verdict.js';

async function main(): Promise<void> {
  const { only = '' } = parseArgs({ options: { only: { type: 'string' } } }).values;
  const startedMs = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'matrix-'));
  const redis = await startRedisForTests();
  const results: Results = new Map();
  try {
    const tarball = await packedLibrary(folder);
    for (const installation of chosen(only)) {
      await tryAll(installation, tarball, redis.url, results);
    }
  } finally {
    await redis.stop();
    await rm(folder, { recursive: true });
  }
  const verdicts = [...results.values()].flatMap((row) => [...row.values()]);
  const failed = verdicts.filter(({ kind }) => kind === 'fails').length;
  console.log(`\n${tableOf(results)}\n`);
  console.log(`${Math.round((Date.now() - startedMs) / 1000)} s`);
  console.log(`${verdicts.length - failed} passed, ${failed} failed`);
  if (failed > 0 || verdicts.length === 0) process.exitCode = 1;
}

/** Those projects whose name contains the text. */
function chosen(text: string): Installation[] {
  return WHOLE_MATRIX.map((installation) => ({
    ...installation,
    kinds: installation.kinds.filter((kind) => labelOf(kind).includes(text)),
  })).filter(({ kinds }) => kinds.length > 0);
}

async function tryAll(
  installation: Installation,
  tarball: string,
  redisUrl: string,
  results: Results,
): Promise<void> {
  const project = await install(installation, tarball);
  try {
    for (const kind of installation.kinds) {
      const consumer = await Consumer.create(kind, project, redisUrl, 'matrix');
      const row = new Map<string, Verdict>();
      results.set(labelOf(kind), row);
      console.log(`\n${labelOf(kind)}`);
      for (const check of installation.checks) {
        const verdict = await tryCheck(check, consumer);
        row.set(check.name, verdict);
        console.log(`  ${verdict.kind.padEnd(5)} ${check.name}`);
        if (verdict.kind === 'fails') console.log(verdict.error);
      }
    }
  } finally {
    await project.remove();
  }
}

void main();
