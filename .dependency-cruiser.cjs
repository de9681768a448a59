'use strict';

const { dependencies, peerDependencies } = require('./libs/redis-cache/package.json');

const NAMED = Object.keys({ ...dependencies, ...peerDependencies });
const LIBRARY = '^libs/redis-cache/src/';
const ENTRY_POINTS = [`${LIBRARY}index\\.ts$`, `${LIBRARY}[^/]+/index\\.ts$`];
const TESTS = '\\.(?:spec|fixture)\\.ts$';

/** Layers of the library from top to bottom: a file imports from its own layer or a lower one. */
const LAYERS = [
  { name: 'testing', path: folders('testing') },
  { name: 'module', path: `${LIBRARY}[^/]+\\.ts$` },
  {
    name: 'features',
    path: folders(
      'alerts',
      'cache-manager',
      'decorators',
      'health',
      'http',
      'metrics',
      'opentelemetry',
      'warming',
      'admin',
      'throttler',
      'migration',
      'cli',
      'project',
    ),
  },
  { name: 'cache', path: folders('cache') },
  {
    name: 'tiers',
    path: folders('persistence', 'stores', 'invalidation', 'tenancy', 'connection'),
  },
  {
    name: 'values',
    path: folders('config', 'keys', 'codec', 'resilience', 'rollout', 'signing', 'statistics'),
  },
  { name: 'ground', path: folders('errors', 'constants') },
];

/** Everything that works without Nest. */
const ENGINE = folders(
  'cache',
  'persistence',
  'stores',
  'invalidation',
  'connection',
  'config',
  'keys',
  'codec',
  'resilience',
  'rollout',
  'signing',
  'statistics',
  'errors',
  'constants',
);

function folders(...names) {
  return `${LIBRARY}(?:${names.join('|')})/`;
}

function npmPackage(name) {
  return `(?:^|node_modules/)${name}(?:/|$)`;
}

function onlyDownward({ name, path }, index) {
  const above = LAYERS.slice(0, index).map((layer) => layer.path);
  return {
    name: `layers-${name}-only-downward`,
    comment: `The layer "${name}" must not import from a layer above it.`,
    severity: 'error',
    from: { path, pathNot: TESTS },
    to: { path: above },
  };
}

function packageOnlyIn(name, folder) {
  return {
    name: `${name.replace(/\W+/g, '-').replace(/^-/, '')}-only-in-${folder}`,
    comment: `What not every user needs: only its own entry point may import ${name}.`,
    severity: 'error',
    from: { path: LIBRARY, pathNot: [folders(folder), TESTS] },
    to: { path: npmPackage(name) },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...LAYERS.map(onlyDownward).slice(1),
    {
      name: 'layers-are-complete',
      comment: 'A folder of the library that belongs to no layer: add it to LAYERS.',
      severity: 'error',
      from: { path: LIBRARY, pathNot: [...LAYERS.map((layer) => layer.path), TESTS] },
      to: {},
    },
    {
      name: 'no-cycles',
      comment: 'Types count: a cycle of types is a concept in the wrong file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'engine-without-nest',
      comment: 'The engine runs and is tested without Nest; *.service.ts are its injectable faces.',
      severity: 'error',
      from: { path: ENGINE, pathNot: [`${LIBRARY}cache/[^/]+\\.service\\.ts$`, TESTS] },
      to: { path: npmPackage('@nestjs') },
    },
    {
      name: 'tenancy-without-nest',
      comment: 'Only the guard and the middleware of the tenant belong to Nest.',
      severity: 'error',
      from: {
        path: folders('tenancy'),
        pathNot: [`${LIBRARY}tenancy/[^/]+\\.(?:guard|middleware)\\.ts$`, TESTS],
      },
      to: { path: npmPackage('@nestjs') },
    },
    {
      name: 'ioredis-only-in-connection',
      comment: 'Clients are made and spoken to in one place.',
      severity: 'error',
      from: {
        path: LIBRARY,
        pathNot: [
          folders('connection'),
          `${LIBRARY}[^/]+\\.ts$`,
          `${LIBRARY}decorators/inject[^/]*\\.ts$`,
          TESTS,
        ],
      },
      to: { path: npmPackage('ioredis') },
    },
    {
      name: 'ioredis-only-as-a-type',
      comment: 'The module and the injection decorators name the client, they do not make one.',
      severity: 'error',
      from: {
        path: [`${LIBRARY}[^/]+\\.ts$`, `${LIBRARY}decorators/inject[^/]*\\.ts$`],
        pathNot: TESTS,
      },
      to: { path: npmPackage('ioredis'), dependencyTypesNot: ['type-only'] },
    },
    packageOnlyIn('@nestjs/cache-manager', 'cache-manager'),
    packageOnlyIn('keyv', 'cache-manager'),
    packageOnlyIn('@nestjs/terminus', 'health'),
    packageOnlyIn('prom-client', 'metrics'),
    packageOnlyIn('@opentelemetry/api', 'opentelemetry'),
    packageOnlyIn('@nestjs/throttler', 'throttler'),
    packageOnlyIn('commander', 'cli'),
    packageOnlyIn('typescript', 'project'),
    {
      name: 'no-barrels-inside',
      comment: 'An index.ts is an entry point for users. Inside, import the file that is meant.',
      severity: 'error',
      from: { path: LIBRARY, pathNot: TESTS },
      to: { path: ENTRY_POINTS },
    },
    {
      name: 'library-stands-alone',
      comment: 'The library must not import from the apps, the tests or the benchmarks.',
      severity: 'error',
      from: { path: '^libs/', pathNot: TESTS },
      to: { path: '^(?:apps|test|bench|tools)/' },
    },
    {
      name: 'library-specs-stand-alone',
      comment: 'Specs of the library may use test/support, not the apps.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-import-entry-points-only',
      comment:
        'Apps use the library as any user does: nestjs-redis-cache, nestjs-redis-cache/health…',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/', pathNot: ENTRY_POINTS },
    },
    {
      name: 'apps-import-by-name',
      comment: 'Apps import the library by its name, never by a path.',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/', dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'apps-not-from-tests',
      severity: 'error',
      from: { path: '^apps/', pathNot: TESTS },
      to: { path: '^(?:test|bench|tools)/' },
    },
    {
      name: 'no-tests-in-sources',
      comment: 'Specs and fixtures are for specs only.',
      severity: 'error',
      from: { path: '^(?:libs|apps)/', pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'no-orphans',
      comment: 'Imported by nothing and importing nothing: dead, or not wired up yet.',
      severity: 'error',
      from: { orphan: true, path: '^(?:libs|apps)/', pathNot: ['\\.config\\.ts$', TESTS] },
      to: {},
    },
    {
      name: 'no-development-dependencies',
      comment: 'What runs at the user’s must be a dependency or a peer dependency.',
      severity: 'error',
      from: { path: '^(?:libs|apps)/', pathNot: ['\\.config\\.ts$', TESTS] },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: npmPackage('@types'),
      },
    },
    {
      name: 'library-imports-what-it-names-only',
      comment:
        'Users of the library have what its package.json names, and nothing of the root’s. The types ' +
        'of the compiler are for the one that a project has itself.',
      severity: 'error',
      from: { path: LIBRARY, pathNot: TESTS },
      to: { path: 'node_modules/', pathNot: [...NAMED, 'typescript'].map(npmPackage) },
    },
    {
      name: 'no-undeclared-dependencies',
      comment: 'The package is not in package.json: it is there by chance.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The peers are installed on demand, for comparisons alone.
    exclude: { path: '^(?:dist|coverage|libs/[^/]+/dist|bench/(?:peers|node_modules))/' },
    tsPreCompilationDeps: true,
    // Specs of the library use what the root package.json has.
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};
