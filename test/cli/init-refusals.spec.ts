import { chmod, lstat, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MODULE,
  CONFIG,
  MODULE_TEXT,
  EDITED_MODULE,
  VARIABLES,
  FRESH,
} from './support/init-texts.js';
import {
  NestProjectFolders,
  PACKAGES,
  type Files,
  type NestProjectFolder,
} from './support/nest-project.js';
import { runCommand, runForJson } from './support/run-command.js';

describe('what redis-cache init needs and refuses', () => {
  const folders = new NestProjectFolders();
  const projectOf = (files: Files, packages = PACKAGES) => folders.create(files, packages);
  const init = ({ path }: NestProjectFolder, ...args: string[]) =>
    runCommand(['init', ...args], { cwd: path });

  it.each([
    [{}, 'npm install'],
    [{ 'yarn.lock': '' }, 'yarn add'],
    [{ 'pnpm-lock.yaml': '' }, 'pnpm add'],
  ])('says by which one command to install what is missing: %j', async (lock, command) => {
    const packages = { ...PACKAGES, ioredis: '5.8.2' };
    Reflect.deleteProperty(packages, 'reflect-metadata');
    const project = await projectOf({ ...FRESH, ...lock }, packages);
    const { body } = await runForJson(['init'], { cwd: project.path });
    expect(body).toMatchObject({
      missing: ['ioredis@6', 'reflect-metadata@0.2'],
      install: `${command} ioredis@6 reflect-metadata@0.2`,
    });
    expect((await init(project)).stdout).toContain(`  ${command} ioredis@6 reflect-metadata@0.2\n`);
  });

  it.each([0, 3])('installs when told to, and goes on if that ends with 0: %d', async (ends) => {
    const { ioredis: _, ...packages } = PACKAGES;
    const npm = `#!/bin/sh\necho "$@" > asked\necho working\nexit ${ends}\n`;
    const project = await projectOf({ ...FRESH, 'bin/npm': npm }, packages);
    await chmod(join(project.path, 'bin/npm'), 0o755);
    const env = { PATH: `${project.path}/bin:${process.env.PATH ?? ''}` };
    const before = await project.files();

    await runCommand(['init', '--install', '--dry-run'], { cwd: project.path, env });
    expect(await project.files()).toEqual(before);

    const args = ['init', '--install'];
    const { code, stdout, stderr } = await runCommand(args, { cwd: project.path, env });
    const { asked, ...files } = await project.files();
    expect(asked).toBe('install ioredis@6\n');
    expect(stderr).toMatch(/^working\n/);
    expect(stdout).not.toContain('missing');
    if (ends === 0) {
      expect(code).toBe(0);
      expect(files[MODULE]).toBe(EDITED_MODULE);
    } else {
      expect(code).toBe(1);
      expect(stderr).toContain('error: npm install ioredis@6 ended with 3. No file of yours was');
      expect(files).toEqual(before);
    }
  });

  it.each<[string, Files, Record<string, string>, number, string]>([
    ['a module', { [MODULE]: 'export class AppModule {}\n' }, {}, 1, 'no class with @Module()'],
    ['a Nest of ours', {}, { '@nestjs/core': '9.4.3' }, 1, '@nestjs/core 9.4.3 is installed here'],
    ['a free name', { [CONFIG]: 'export {};\n' }, {}, 1, 'exports no redisCacheConfig'],
    ['a package.json that is JSON', { 'package.json': '{' }, {}, 2, 'package.json is no JSON.'],
  ])('leaves everything as it is without %s', async (_what, files, packages, code, reason) => {
    const project = await projectOf({ ...FRESH, ...files }, { ...PACKAGES, ...packages });
    const before = await project.files();
    const ended = await init(project);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(reason);
    expect(await project.files()).toEqual(before);
  });

  it('says which lines to add, where it cannot do it', async () => {
    const project = await projectOf({ ...FRESH, [MODULE]: MODULE_TEXT.replace('[]', 'modules') });
    const { code, stderr } = await init(project);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `error: ${MODULE} is not edited: its imports are not an array written there. Nothing was changed. Add these lines to it yourself:

  import { RedisCacheModule } from 'nestjs-redis-cache';
  RedisCacheModule.forRoot({
    connection: { url: process.env.REDIS_URL ?? 'redis://localhost:6379' },
  }), // in the imports of the module
`,
    });
  });

  it('asks for the packages first, where there is no TypeScript yet', async () => {
    const project = await projectOf(FRESH);
    await rm(join(project.path, 'node_modules/typescript'));
    expect((await init(project)).stderr).toContain('install the packages of the project first');
    await rm(join(project.path, MODULE));
    expect(await init(project)).toMatchObject({ code: 2, stdout: '' });
    await rm(join(project.path, 'package.json'));
    expect((await init(project)).stderr).toContain('There is no package.json in');
  });

  it('refuses text that is not UTF-8, and follows links', async () => {
    const project = await projectOf({ ...FRESH, 'shared.env': 'A=1\n' });
    await symlink(join(project.path, 'shared.env'), join(project.path, '.env'));
    await chmod(join(project.path, 'shared.env'), 0o600);
    await init(project);
    expect((await lstat(join(project.path, '.env'))).isSymbolicLink()).toBe(true);
    expect((await stat(join(project.path, '.env'))).mode & 0o777).toBe(0o600);
    expect((await project.files())['shared.env']).toBe(`A=1\n\n${VARIABLES}`);
  });
});
