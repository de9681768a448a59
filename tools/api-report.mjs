/**
 * Compares what each entry point of the library makes public with its report in `api/`, or writes that:
 *
 *     node tools/api-report.mjs             fails, with the difference, where a report is another one
 *     node tools/api-report.mjs --update    writes the reports
 *
 * Reads the declarations that `npm run build` has written.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const ROOT = path.resolve(import.meta.dirname, '..');
const LIBRARY = path.join(ROOT, 'libs/redis-cache');
/** Where the build puts the declarations, in the folders of the sources. */
const DECLARATIONS = path.join(LIBRARY, 'dist');
const REPORTS = path.join(ROOT, 'api');
const SUFFIX = '.public.api.md';

/** Reachable, as Nest's ConfigurableModuleBuilder makes types of them, and nobody's to name. */
const MADE_BY_NEST = ['ConfigurableModuleClass', 'OPTIONS_TYPE', 'ASYNC_OPTIONS_TYPE'];
/** The same, of constructors that only Nest calls, and of what only the module calls: they are `@internal`, and no part of a report. */
const INJECTED = [
  'CachedMethodExplorer',
  'CacheEngine',
  'CacheRuntime',
  'CacheWarmerExplorer',
  'EngineParts',
  'LimitKeeper',
  'RateLimitedExplorer',
  'RedisConnection',
  'ResolvedAlerts',
  'ResolvedMetricsOptions',
  'ResolvedWarming',
  'ResponseGuard',
  'ThrottlerKeys',
];
/** Of an exported type only a step on the way to what it comes to. */
const STEPS = ['Misfit', 'RedisReply', 'RESERVED_OPTIONS', 'ThrottlerStorageRecord'];

const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } });

const entryPoints = allEntryPoints();
const unexported = new Map();
let compiler;
const changed = reportsOfNobody();
let errors = 0;
for (const { name, declarations } of entryPoints) {
  if (!existsSync(declarations)) {
    throw new Error(`${declarations} is not there: run npm run build first.`);
  }
  const config = configOf(name, declarations);
  compiler ??= CompilerState.create(config, {
    additionalEntryPoints: entryPoints.map((each) => each.declarations),
  });
  const result = Extractor.invoke(config, {
    localBuild: values.update,
    compilerState: compiler,
    printApiReportDiff: !values.update,
    messageCallback: (message) => hear(message, name),
  });
  errors += result.errorCount;
  if (result.apiReportChanged) changed.push(name + SUFFIX);
}

const unreachable = namesOfNobody();
if (unreachable.length > 0) {
  console.error(
    `Part of what is public, and exported by no entry point: ${unreachable.join(', ')}.\n` +
      `Export them, or name them in tools/api-report.mjs if nobody can need them.`,
  );
}
if (changed.length > 0) {
  const reports = changed.map((file) => `api/${file}`).join(', ');
  console.error(
    values.update
      ? `Written or removed: ${reports}.`
      : `What is public has changed: ${reports}. If it is meant: npm run api:update, and say so in a changeset.`,
  );
}
if (errors > 0 || unreachable.length > 0 || (changed.length > 0 && !values.update)) {
  process.exitCode = 1;
}

/** The package itself and, as in `tools/package/entry-points.ts`, its folders with an `index.ts`. */
function allEntryPoints() {
  const sources = path.join(LIBRARY, 'src');
  return ['', ...readdirSync(sources)]
    .filter((folder) => existsSync(path.join(sources, folder, 'index.ts')))
    .map((folder) => ({
      name: folder || 'index',
      declarations: path.join(DECLARATIONS, folder, 'index.d.ts'),
    }));
}

function configOf(name, declarations) {
  const none = { logLevel: 'none' };
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: declarations,
      compiler: { tsconfigFilePath: path.join(LIBRARY, 'tsconfig.lib.json') },
      apiReport: {
        enabled: true,
        reportVariants: ['public'],
        reportFileName: name,
        reportFolder: REPORTS,
        reportTempFolder: path.join(ROOT, 'dist/api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        // Comments are TypeDoc's to judge, by `npm run docs`.
        tsdocMessageReporting: { default: none },
        extractorMessageReporting: {
          default: none,
          'ae-forgotten-export': { logLevel: 'warning' },
        },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(LIBRARY, 'package.json'),
  });
}

/** Keeps what is not exported for later: another entry point may export it. */
function hear(message, entryPoint) {
  if (message.messageId === 'ae-forgotten-export') {
    const [, name = message.text] = /symbol "(\w+)"/.exec(message.text) ?? [];
    unexported.set(name, entryPoint);
    message.handled = true;
  } else if (values.update || message.messageId !== 'console-api-report-diff') {
    message.handled = message.logLevel !== 'error';
  }
}

function namesOfNobody() {
  const exported = readdirSync(REPORTS).flatMap((file) => {
    const report = readFileSync(path.join(REPORTS, file), 'utf8');
    return [...report.matchAll(/^export (?:abstract )?\w+ (\w+)/gm)].map(([, name]) => name);
  });
  const known = new Set([...exported, ...MADE_BY_NEST, ...INJECTED, ...STEPS]);
  return [...unexported]
    .filter(([name]) => !known.has(name))
    .map(([name, entryPoint]) => `${name} (${entryPoint})`);
}

/** Reports of entry points that are no more; an update removes them. */
function reportsOfNobody() {
  const reports = entryPoints.map(({ name }) => name + SUFFIX);
  const others = readdirSync(REPORTS).filter((file) => !reports.includes(file));
  if (values.update) for (const file of others) rmSync(path.join(REPORTS, file));
  return others;
}
