import { deepStrictEqual } from 'node:assert';
import type { Check } from './check.js';
import { RESOLUTIONS, type Resolution } from './compiler-settings.js';
import type { Consumer } from './consumer.js';
import { OPTIONAL_PEERS } from './packages.js';

/** The types of every entry point are compiled too. */
const COMPILER = ['typescript', '@types/node', '@nestjs/platform-fastify', ...OPTIONAL_PEERS];

/** The page of the dashboard, and the answers for two tenants. */
const ANSWERS = [
  '200 text/html; charset=utf-8',
  '200 text/javascript; charset=utf-8',
  'MISS 1',
  'HIT 1',
  'MISS 2',
];

export const BUILD_CHECKS: readonly Check[] = [
  ...RESOLUTIONS.map((resolution) => ({
    name: `tsc, ${resolution}`,
    packages: () => COMPILER,
    run: (consumer: Consumer) => compileAndRun(consumer, resolution),
  })),
  {
    name: 'SWC',
    packages: () => ['@swc/core', '@swc/cli'],
    run: async (consumer) => {
      await consumer.take('swc');
      const type = consumer.kind.format === 'CommonJS' ? 'commonjs' : 'es6';
      const out = 'out/swc';
      const to = ['--out-dir', out, '--strip-leading-paths', '--config', `module.type=${type}`];
      await consumer.run('swc', ['src', ...to]);
      await runCalls(consumer, out);
    },
  },
  ...['express', 'fastify'].map((platform) => ({
    name: platform === 'express' ? 'Express' : 'Fastify',
    packages: () => [...COMPILER, `@nestjs/platform-${platform}`],
    run: async (consumer: Consumer) => {
      const out = await consumer.compiled('nodenext');
      const printed = await consumer.run('node', [`${out}/requests.js`, platform]);
      deepStrictEqual(JSON.parse(printed), ANSWERS);
    },
  })),
];

async function compileAndRun(consumer: Consumer, resolution: Resolution): Promise<void> {
  const out = await consumer.compiled(resolution);
  const { nest, format } = consumer.kind;
  // TypeScript 5 leaves ES modules to the bundler it is meant for.
  if (resolution === 'bundler' && format === 'CommonJS' && nest < 12) return;
  await consumer.run('node', [`${out}/entry-points.js`]);
  await runCalls(consumer, out);
}

async function runCalls(consumer: Consumer, out: string): Promise<void> {
  const printed = await consumer.run('node', [`${out}/calls.js`]);
  deepStrictEqual(JSON.parse(printed), ['1970 1', '1970 1', '1970 2', '1970 2']);
}
