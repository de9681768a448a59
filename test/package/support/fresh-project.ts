import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { runProgram } from '../../../tools/package/run-program.js';

/** Of any program in a project; one that does not end has left something open. */
const LONGEST_RUN_MS = 120_000;
const INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

export interface PackageJson {
  readonly type?: 'commonjs' | 'module';
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
}

/** Where a program runs, and with what. */
export interface RunPlace {
  /** A folder in the project. @default its own */
  readonly at?: string;
  /** Beside the environment of the tests. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A project of somebody who uses the library: in a folder of its own, far from this repository. */
export class FreshProject {
  private constructor(readonly folder: string) {}

  /**
   * Makes a project and installs what its package.json names.
   *
   * @param tarball of the library, installed with the rest
   */
  static async create(tarball: string, packageJson: PackageJson = {}): Promise<FreshProject> {
    const project = new FreshProject(await mkdtemp(join(tmpdir(), 'fresh-project-')));
    const dependencies = { ...packageJson.dependencies, 'nestjs-redis-cache': `file:${tarball}` };
    const whole = { name: 'fresh-project', private: true, ...packageJson, dependencies };
    await project.write({ 'package.json': JSON.stringify(whole, null, 2) });
    await project.run('npm', INSTALL);
    return project;
  }

  /** @param files texts by path; folders are made */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }

  /**
   * Runs a program: one of its packages, or any other.
   *
   * @returns what it printed
   * @throws with all that it said, if it fails
   */
  run(command: string, args: readonly string[], place: RunPlace = {}): Promise<string> {
    return runProgram(command, args, { ...this.placed(place), timeout: LONGEST_RUN_MS });
  }

  /** Starts a program that runs until it is killed. */
  start(
    command: string,
    args: readonly string[],
    place: RunPlace = {},
  ): ChildProcessWithoutNullStreams {
    return spawn(command, args, this.placed(place));
  }

  private placed({ at = '.', env = {} }: RunPlace): { cwd: string; env: NodeJS.ProcessEnv } {
    const bin = join(this.folder, 'node_modules/.bin');
    const PATH = `${bin}${delimiter}${process.env.PATH ?? ''}`;
    return { cwd: join(this.folder, at), env: { ...environment(), PATH, ...env } };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What Jest tells its own processes is not for others. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, JEST_WORKER_ID: __, ...others } = process.env;
  return others;
}
