import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { version as ioredisVersion } from 'ioredis/package.json';
import { format, resolveConfig } from 'prettier';
import { findRedisBinary } from '../support/redis/redis-binary.js';
import { reportOf, type GroupFigures } from './report.js';
import { ScenarioRunner, type Figures } from './scenario-runner.js';
import { SCENARIO_GROUPS } from './scenarios/scenario-groups.js';

const PAGE = join(__dirname, '../../docs/reliability.md');

/** Runs every scenario and writes its figures to `docs/reliability.md`: `npm run reliability`. */
async function main(): Promise<void> {
  const binary = findRedisBinary();
  if (!binary) throw new Error('Neither redis-server nor valkey-server is on PATH.');
  const [loadBefore = 0] = loadavg();
  const runner = await ScenarioRunner.start();
  const groups: GroupFigures[] = [];
  try {
    for (const { title, scenarios } of SCENARIO_GROUPS) {
      const figures: Figures[] = [];
      for (const scenario of scenarios) {
        console.log(`… ${scenario.name}`);
        figures.push(await runner.run(scenario));
      }
      groups.push({ title, figures });
    }
  } finally {
    await runner.stop();
  }
  const facts = {
    [binary.command]: binary.version,
    ioredis: ioredisVersion,
    'load of the machine before the run, 1 minute': loadBefore.toFixed(1),
  };
  const options = await resolveConfig(PAGE);
  const page = await format(reportOf(groups, facts), { ...options, parser: 'markdown' });
  await writeFile(PAGE, page);
  console.log(`Written to ${PAGE}`);
  if (!groups.flatMap(({ figures }) => figures).every(isFlawless)) process.exitCode = 1;
}

function isFlawless({ apps }: Figures): boolean {
  return apps.every(({ errors, staleReads }) => errors.length === 0 && staleReads === 0);
}

void main();
