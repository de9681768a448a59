import { execFile } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runProgram } from '../docs/run-program.js';
import {
  MODULE,
  CONFIG,
  MODULE_TEXT,
  EDITED_MODULE,
  CONFIG_TEXT,
  NEST_CONFIG_TEXT,
  VARIABLES,
  manifest,
  FRESH,
} from './support/init-texts.js';
import { NestProjectFolders, type Files, type NestProjectFolder } from './support/nest-project.js';
import { runCommand, runForJson } from './support/run-command.js';

const run = promisify(execFile);
const PRETTIER = join(__dirname, '../../node_modules/prettier/bin/prettier.cjs');
/** A port that nobody listens on. */
const NOBODY = 'redis://127.0.0.1:1';

describe('redis-cache init', () => {
  const folders = new NestProjectFolders();
  const projectOf = (files: Files) => folders.create(files);
  const init = ({ path }: NestProjectFolder, ...args: string[]) =>
    runCommand(['init', ...args], { cwd: path });

  it('adds module, options and variables to a fresh project, and says what is next', async () => {
    const project = await projectOf(FRESH);
    const { code, stdout, stderr } = await init(project);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await project.files()).toEqual({
      '.env.example': VARIABLES,
      'package.json': FRESH['package.json'],
      [MODULE]: EDITED_MODULE,
      [CONFIG]: CONFIG_TEXT,
    });
    expect(stdout).toContain(`${MODULE}          edited: imports RedisCacheModule\n`);
    expect(stdout).toContain(`${CONFIG}  made: has the options of the cache\n`);
    expect(stdout).toContain(`@Cacheable('quote', { ttl: '10m', scope: 'global' })`);
    expect(stdout).not.toContain('missing');
  });

  it('changes nothing the second time', async () => {
    const project = await projectOf(FRESH);
    await init(project);
    const once = await project.files();
    const before = await stat(join(project.path, MODULE));
    const { code, stdout } = await init(project);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `All is there: ${MODULE} imports the cache. Nothing was changed.\n`,
    });
    expect(await project.files()).toEqual(once);
    expect((await stat(join(project.path, MODULE))).ino).toBe(before.ino);
    expect(await runForJson(['init', '--dry-run'], { cwd: project.path })).toEqual({
      code: 0,
      body: { module: MODULE, written: false, files: [], missing: [], install: null },
    });
  });

  it('reads the options by @nestjs/config where the project has it', async () => {
    const dependencies = { '@nestjs/config': '^4.0.0' };
    const project = await projectOf({ ...FRESH, 'package.json': manifest({ dependencies }) });
    expect(await init(project)).toMatchObject({ code: 0 });
    expect(await project.files()).toMatchObject({
      [MODULE]: EDITED_MODULE,
      [CONFIG]: NEST_CONFIG_TEXT,
    });
  });

  it('writes what Prettier would, as nest new sets it up', async () => {
    const project = await projectOf({
      '.prettierrc': '{ "singleQuote": true, "trailingComma": "all" }',
      'app.module.ts': EDITED_MODULE,
      'environment.ts': CONFIG_TEXT,
      'config.ts': NEST_CONFIG_TEXT,
    });
    await run(process.execPath, [PRETTIER, '--check', '*.ts'], { cwd: project.path });
  });

  it.each([
    ['the environment', CONFIG_TEXT],
    ['@nestjs/config', NEST_CONFIG_TEXT],
  ])('writes options that boot, and follow %s', async (_what, options) => {
    const program = `${options}
      import { NestFactory } from '@nestjs/core';
      import { CacheService, RedisCacheModule } from 'nestjs-redis-cache';

      async function modeOf(environment: object) {
        Object.assign(process.env, environment);
        const module = RedisCacheModule.forRootAsync(redisCacheConfig);
        const app = await NestFactory.createApplicationContext(module, { logger: false });
        const { mode, connection } = app.get(CacheService).getStats();
        await app.close();
        return [mode, connection !== undefined].join();
      }

      void modeOf({ REDIS_ENABLED: 'false', REDIS_URL: '' }).then(async (without) => {
        const told = await modeOf({ REDIS_URL: '${NOBODY}' });
        console.log(without, told, await modeOf({ REDIS_ENABLED: '' }));
      });`;
    expect(await runProgram(program)).toBe('memory,false memory,true fallback,true\n');
  });

  it('writes options as the module is written', async () => {
    const text = MODULE_TEXT.replaceAll("'", '"').replaceAll(';', '').replaceAll('  ', '\t');
    const project = await projectOf({ ...FRESH, [MODULE]: text.replaceAll('\n', '\r\n') });
    await init(project);
    const files = await project.files();
    const expected = CONFIG_TEXT.replaceAll("'", '"').replaceAll(';', '').replaceAll('  ', '\t');
    expect(files[CONFIG]).toBe(expected.replaceAll('\n', '\r\n'));
  });

  it.each([
    ['ES modules without other imports', { type: 'module' }, '', `'./redis-cache.config.js'`],
    ['a file that writes .js', {}, `import './a.js';\n`, `'./redis-cache.config.js'`],
    [
      'a file that writes .ts',
      { type: 'module' },
      `import './a.ts';\n`,
      `'./redis-cache.config.ts'`,
    ],
    ['ES modules for a bundler', { type: 'module' }, `import './a';\n`, `'./redis-cache.config'`],
  ])('names the options as it takes: %s', async (_what, more, imported, from) => {
    const module = `import { Module } from '@nestjs/common';\n${imported}\n@Module({})\nexport class AppModule {}\n`;
    const project = await projectOf({ 'package.json': manifest(more), [MODULE]: module });
    await init(project);
    expect((await project.files())[MODULE]).toContain(`import { redisCacheConfig } from ${from};`);
  });

  it('never overwrites a variable, and adds to .env only where there is one', async () => {
    const own = 'PORT=1\r\nexport REDIS_URL = redis://mine\r\n#CACHE_PREFIX=x';
    const project = await projectOf({ ...FRESH, '.env': own, '.env.example': 'REDIS_URL=\n' });
    await init(project);
    const [enabled, , prefix] = VARIABLES.match(/#.*\n.*\n/g) ?? [];
    expect(await project.files()).toMatchObject({
      '.env': `${own}\r\n\r\n${`${enabled}${prefix}`.replaceAll('\n', '\r\n')}`,
      '.env.example': `REDIS_URL=\n\n${enabled}${prefix}`,
    });
  });

  it('leaves options of its own name as they are, and adds a variable that went missing', async () => {
    const options = 'export const redisCacheConfig = { useFactory: () => ({}) };\n';
    const project = await projectOf({ ...FRESH, [CONFIG]: options });
    await init(project);
    expect(await project.files()).toMatchObject({ [CONFIG]: options, [MODULE]: EDITED_MODULE });
    await project.write({ '.env.example': VARIABLES.replace('REDIS_URL', 'OTHER') });
    const { body } = await runForJson(['init'], { cwd: project.path });
    expect(body).toMatchObject({ files: [{ path: '.env.example', what: 'has REDIS_URL' }] });
  });

  it('sees that another module imports the cache already, by whatever name', async () => {
    const cache = `import { RedisCacheModule as Cache } from 'nestjs-redis-cache';
export const cache = Cache.forRoot({});\n`;
    const spec = `import { RedisCacheModule } from 'nestjs-redis-cache';\nRedisCacheModule.forRoot();\n`;
    const project = await projectOf({ ...FRESH, 'src/app.spec.ts': spec, 'src/x/cache.ts': cache });
    const before = await project.files();
    expect((await init(project)).stdout).toMatch(/^All is there: src\/x\/cache\.ts imports/);
    expect(await project.files()).toEqual(before);
    await rm(join(project.path, 'src/x'), { recursive: true });
    await init(project);
    expect((await project.files())[MODULE]).toBe(EDITED_MODULE);
  });

  it('finds the application of a monorepo by its name, and the default one without', async () => {
    const projects = { api: { sourceRoot: 'apps/api/src' }, jobs: { sourceRoot: 'apps/jobs/src' } };
    const project = await projectOf({
      'package.json': manifest(),
      'nest-cli.json': JSON.stringify({ monorepo: true, sourceRoot: 'apps/api/src', projects }),
      'apps/api/src/app.module.ts': MODULE_TEXT,
      'apps/jobs/src/app.module.ts': MODULE_TEXT,
    });
    await init(project, '--project', 'jobs');
    const files = await project.files();
    expect(files['apps/jobs/src/app.module.ts']).toBe(EDITED_MODULE);
    expect(files['apps/jobs/src/redis-cache.config.ts']).toContain(`CACHE_PREFIX || 'jobs'`);
    expect(files['apps/api/src/app.module.ts']).toBe(MODULE_TEXT);
    await init(project);
    expect((await project.files())['apps/api/src/app.module.ts']).toBe(EDITED_MODULE);
    expect(await init(project, '--project', 'web')).toMatchObject({
      code: 2,
      stderr: `error: --project is 'web'; expected one of api, jobs.\n`,
    });
  });

  it('edits the module and the class that it is told', async () => {
    const root = `import { Module } from '@nestjs/common';\n@Module({})\nclass A {}\n@Module({})\nclass B {}\n`;
    const project = await projectOf({ ...FRESH, 'src/root.ts': root });
    expect((await init(project, '--module', 'src/root.ts')).stderr).toContain(
      'it has the modules A, B',
    );
    expect(await init(project, '--module', 'src/root.ts#B')).toMatchObject({ code: 0 });
    expect((await project.files())['src/root.ts']).toMatch(
      /class A \{\}\n@Module\(\{\n {2}imports/,
    );
  });

  it('shows a patch that comes to the same, and writes nothing', async () => {
    const unended = { '.env.example': 'A=1\nB=2' };
    const shown = await projectOf({ ...FRESH, ...unended });
    const before = await shown.files();
    const { code, stdout, stderr } = await init(shown, '--dry-run');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Nothing was written.\n' });
    expect(await shown.files()).toEqual(before);
    await shown.write({ 'init.patch': stdout });
    await run('git', ['apply', 'init.patch'], { cwd: shown.path });
    await rm(join(shown.path, 'init.patch'));
    const done = await projectOf({ ...FRESH, ...unended });
    await init(done);
    expect(await shown.files()).toEqual(await done.files());
  });

  it('shows nothing of .env, whatever it is asked for', async () => {
    const project = await projectOf({ ...FRESH, '.env': 'PASSWORD=pa55\n' });
    const shown = [
      await init(project, '--dry-run'),
      await init(project, '--dry-run', '--json'),
      await init(project, '--json'),
    ];
    expect(JSON.stringify(shown)).not.toContain('pa55');
    expect(shown[0]?.stderr).toBe(
      '.env is not shown, for its secrets. It then has REDIS_ENABLED, REDIS_URL, CACHE_PREFIX.\nNothing was written.\n',
    );
  });
});
