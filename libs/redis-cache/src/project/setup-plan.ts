import { readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { importsCache, LIBRARY_NAME } from './cache-import.js';
import { codeStyleOf } from './code-style.js';
import { compilerOf, type Compiler } from './compiler.js';
import { CONFIG_FILE, CONFIG_NAME, configFile, prefixOf, variablesOf } from './config-file.js';
import { withVariables } from './env-file.js';
import type { FileChange } from './file-change.js';
import { importedFrom, importsOf } from './imported-names.js';
import { importCache, parsed } from './module-edit.js';
import type { NestProject } from './nest-project.js';
import { ProjectError } from './project.error.js';
import { readText } from './text-file.js';

/** What it takes to have the cache in a project, worked out before anything is written. */
export type SetupPlan =
  | {
      readonly kind: 'planned';
      /** The file that imports the cache, or will. */
      readonly module: string;
      readonly changes: readonly PlannedChange[];
    }
  | { readonly kind: 'refused'; readonly module: string; readonly reason: string };

export interface PlannedChange extends FileChange {
  /** What is there then, in words. */
  readonly what: string;
  /** Whether the text around the change may hold secrets. @default false */
  readonly isSecret?: boolean;
}

const ENV_EXAMPLE = '.env.example';
const NO_COMPILER =
  'there is no TypeScript here that could read it: install the packages of the project first, or its typescript 5 or 6';
const SKIPPED = /(?:^|[\\/])(?:node_modules|dist)[\\/]|\.d\.[cm]?ts$|[.-](?:spec|test)\.[cm]?ts$/;
const SOURCE = /\.[cm]?ts$/;

/**
 * The cache imported into the root module, its options in a file beside that, and the variables that
 * they are read from. Where the cache is imported already, only variables that are missing are added.
 *
 * @throws {ProjectError} there is no such module
 */
export async function planSetup(project: NestProject): Promise<SetupPlan> {
  const { module, folder } = project;
  const text = await readText(module);
  if (text === undefined) {
    throw new ProjectError(
      `There is no ${module}. Name the root module: --module <file>, or --project <name> in a monorepo.`,
    );
  }
  if (!SOURCE.test(module)) return refused(project, 'it is no TypeScript');
  const compiler = compilerOf(folder);
  if (!compiler) return refused(project, NO_COMPILER);
  const there = await importingFile(compiler, project);
  if (there === undefined) return planImport(compiler, project, text);
  const isOurs = (await readText(configPath(there))) !== undefined;
  const changes = isOurs ? await environmentChanges(project) : [];
  return { kind: 'planned', module: there, changes };
}

async function planImport(
  compiler: Compiler,
  project: NestProject,
  text: string,
): Promise<SetupPlan> {
  const { module, moduleClass } = project;
  const config = configPath(module);
  const written = await readText(config);
  if (written !== undefined && !new RegExp(`export\\b.*\\b${CONFIG_NAME}\\b`).test(written)) {
    const path = shownPath(project, config);
    return refused(project, `${path} is there already, and exports no ${CONFIG_NAME}`);
  }
  const from = `./${CONFIG_FILE}${extensionOf(compiler, project, text)}`;
  const file = { name: module, text, moduleClass };
  const edit = importCache(compiler, file, { name: CONFIG_NAME, from });
  if (edit.kind === 'refused') return refused(project, edit.reason);
  const changes: PlannedChange[] = [
    { path: module, before: text, after: edit.text, what: 'imports RedisCacheModule' },
  ];
  if (written === undefined) {
    const usesNestConfig = project.dependencies.includes('@nestjs/config');
    const after = configFile(prefixOf(project.name), usesNestConfig, codeStyleOf(text));
    changes.push({ path: config, before: undefined, after, what: 'has the options of the cache' });
  }
  return { kind: 'planned', module, changes: [...changes, ...(await environmentChanges(project))] };
}

function refused({ module }: NestProject, reason: string): SetupPlan {
  return { kind: 'refused', module, reason };
}

function configPath(module: string): string {
  return join(dirname(module), `${CONFIG_FILE}${/\.[cm]?ts$/.exec(module)?.[0] ?? ''}`);
}

/** The root module, or another source of the application, if it imports the cache at the root. */
async function importingFile(
  compiler: Compiler,
  { sources, module }: NestProject,
): Promise<string | undefined> {
  const inFolder = await readdir(sources, { recursive: true }).catch(() => []);
  const others = inFolder.filter((file) => SOURCE.test(file) && !SKIPPED.test(file)).sort();
  for (const path of new Set([module, ...others.map((file) => join(sources, file))])) {
    const text = await readText(path);
    // Most files do not name it, and reading them as code takes longer than all else.
    if (!text?.includes(LIBRARY_NAME)) continue;
    if (importsCache(compiler, parsed(compiler, { name: path, text }))) return path;
  }
  return undefined;
}

/** What the file's own relative imports end in; without any, what Node asks for in ES modules. */
function extensionOf(compiler: Compiler, { module, esModules }: NestProject, text: string): string {
  const written = importsOf(compiler, parsed(compiler, { name: module, text }))
    .map(importedFrom)
    .find((from) => from.startsWith('.'));
  const kind = /\.([cm]?)ts$/.exec(module)?.[1] ?? '';
  if (written === undefined) return esModules || kind === 'm' ? `.${kind}js` : '';
  return /\.[cm]?[jt]s$/.exec(written)?.[0] ?? '';
}

/** Into `.env` only where there is one: it is nobody's but theirs. */
async function environmentChanges({ folder, name }: NestProject): Promise<PlannedChange[]> {
  const changes: PlannedChange[] = [];
  for (const file of [ENV_EXAMPLE, '.env']) {
    const path = join(folder, file);
    const before = await readText(path);
    if (before === undefined && file !== ENV_EXAMPLE) continue;
    const { text: after, added } = withVariables(before ?? '', variablesOf(prefixOf(name)));
    if (added.length === 0) continue;
    const what = `has ${added.join(', ')}`;
    changes.push({ path, before, after, what, isSecret: file !== ENV_EXAMPLE });
  }
  return changes;
}

/** A path as people and patches write it. */
export function shownPath({ folder }: Pick<NestProject, 'folder'>, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
