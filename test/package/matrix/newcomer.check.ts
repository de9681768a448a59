import { deepStrictEqual, match } from 'node:assert';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../../tools/package/folders.js';
import { runProgram } from '../../../tools/package/run-program.js';
import { freePort } from '../../support/free-port.js';
import { untilPrinted } from '../../support/until-printed.js';
import type { Check } from './check.js';
import type { Consumer } from './consumer.js';

const FOLDER = 'newcomer';
const IMPORTS_FROM_FILES = /(from '\.\/[^']+)'/g;

/** What somebody does who has heard of the library and begins: `nest new`, `init`, one decorator. */
export const NEWCOMER: Check = {
  name: '`redis-cache init`',
  packages: () => ['typescript', '@types/node', '@nestjs/platform-express'],
  run: async (consumer) => {
    await scaffold(consumer);
    const init = () => consumer.run('npx', ['--no', 'redis-cache', 'init'], { at: FOLDER });
    match(await init(), /src\/app\.module\.ts +edited: imports RedisCacheModule/);
    match(await init(), /^All is there: /);
    await decorate(consumer);
    await compile(consumer);
    // Of the second process, which has not greeted anybody, too.
    const env = consumer.environment();
    const answers = [...(await answersOf(consumer, env)), ...(await answersOf(consumer, env))];
    deepStrictEqual(answers, ['Hello 1', 'Hello 1', 'Hello 1', 'Hello 1']);
  },
};

/** Without its dependencies, which are there. */
async function scaffold(consumer: Consumer): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nest-new-'));
  const isOf12 = consumer.kind.nest === 12 && consumer.kind.format === 'ES modules';
  const [program, ...nest] = isOf12 ? GENERATOR_OF_12 : GENERATOR_OF_11;
  try {
    const args = ['new', FOLDER, '--skip-install', '--skip-git', '--package-manager', 'npm'];
    await runProgram(program, [...nest, ...args], { cwd: folder });
    await cp(join(folder, FOLDER), consumer.path(FOLDER), { recursive: true });
  } finally {
    await rm(folder, { recursive: true });
  }
  if (consumer.kind.format === 'ES modules' && !isOf12) await makeEsModules(consumer);
}

/** Makes CommonJS, for TypeScript 5. */
const GENERATOR_OF_11 = [
  process.execPath,
  join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'),
] as const;

/** Makes ES modules, for TypeScript 6; and takes a later Node than what it makes. */
const GENERATOR_OF_12 = [
  'npx',
  '--yes',
  '--package=node@22.23.3',
  '--package=@nestjs/cli@12.0.8',
  '--',
  'nest',
] as const;

async function makeEsModules(consumer: Consumer): Promise<void> {
  await consumer.rewrite(`${FOLDER}/package.json`, (text) =>
    text.replace('{', '{\n  "type": "module",'),
  );
  for (const file of ['app.module.ts', 'app.controller.ts', 'main.ts']) {
    await consumer.rewrite(`${FOLDER}/src/${file}`, (text) =>
      text.replaceAll(IMPORTS_FROM_FILES, "$1.js'"),
    );
  }
}

async function decorate(consumer: Consumer): Promise<void> {
  await consumer.rewrite(`${FOLDER}/src/app.service.ts`, (text) =>
    text
      .replace(/^/, `import { Cacheable } from 'nestjs-redis-cache';\n`)
      .replace('  getHello(): string {', CACHED_METHOD)
      .replace(`'Hello World!'`, '`Hello ${++this.greeted}`'),
  );
  await consumer.rewrite(`${FOLDER}/src/app.controller.ts`, (text) =>
    text.replace('getHello(): string', 'getHello(): Promise<string>'),
  );
}

const CACHED_METHOD = `  private greeted = 0;

  @Cacheable('greeting', { ttl: '10m', scope: 'global' })
  async getHello(): Promise<string> {`;

async function compile(consumer: Consumer): Promise<void> {
  const args = ['--project', 'tsconfig.build.json', '--rootDir', 'src', '--types', 'node'];
  // What the generator of Nest 11 makes is for TypeScript 5.
  const newer = consumer.kind.nest === 12 ? ['--ignoreDeprecations', '6.0'] : [];
  await consumer.run('tsc', [...args, ...newer], { at: FOLDER });
}

/** Starts the program, calls it twice over HTTP, and ends it. */
async function answersOf(consumer: Consumer, env: NodeJS.ProcessEnv): Promise<string[]> {
  const port = await freePort();
  const child = consumer.start('node', ['dist/main.js'], {
    at: FOLDER,
    env: { ...env, PORT: String(port) },
  });
  const exited = once(child, 'exit');
  try {
    await untilPrinted(child, ['successfully started', 'Connected to']);
    const answers: string[] = [];
    while (answers.length < 2) {
      answers.push(await (await fetch(`http://localhost:${port}`)).text());
    }
    return answers;
  } finally {
    child.kill();
    await exited;
  }
}
