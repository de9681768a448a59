'use strict';

const SOURCE = '<rootDir>/test/support/jest/source.transform.cjs';

/** @type {import('jest').Config} What both projects share. */
const project = {
  rootDir: __dirname,
  testEnvironment: '<rootDir>/test/support/jest/environment.cjs',
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  setupFiles: ['<rootDir>/test/support/jest/setup.ts'],
  transform: {
    '^.+\\.ts$': SOURCE,
    // Their TypeScript, run by test/docs.
    '/(docs/[^/]+|README)\\.md$': '<rootDir>/test/support/jest/guide.transform.cjs',
    // The modules of the page are those of a browser.
    '/admin/dashboard/[^/]+\\.js$': SOURCE,
    'node_modules/.+\\.[mc]?js$': '<rootDir>/test/support/jest/esm-interop.transform.cjs',
  },
  transformIgnorePatterns: [],
  moduleNameMapper: {
    '^nestjs-redis-cache$': '<rootDir>/libs/redis-cache/src/index.ts',
    '^nestjs-redis-cache/(.*)$': '<rootDir>/libs/redis-cache/src/$1/index.ts',
    // As one file, which rxjs publishes as well: every spec would load 226 otherwise.
    '^rxjs$': '<rootDir>/node_modules/rxjs/dist/bundles/rxjs.umd.js',
    '^rxjs/operators$': '<rootDir>/test/support/jest/rxjs-operators.cjs',
    // Relative imports name the compiled file. Packages have it; of ours only the source exists.
    '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/libs/redis-cache/dist/'],
};

/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  // One server for the whole run; see test/support/redis.
  globalSetup: '<rootDir>/test/support/redis/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/redis/global-teardown.ts',
  projects: [
    {
      ...project,
      displayName: 'unit',
      testMatch: ['<rootDir>/libs/**/*.spec.ts', '<rootDir>/apps/**/*.spec.ts'],
    },
    { ...project, displayName: 'integration', testMatch: ['<rootDir>/test/**/*.spec.ts'] },
  ],
  // Generous: a cold transform cache on a busy machine takes seconds. What has to be fast is asserted.
  // Of the run as a whole: Jest ignores it where it stands in a project.
  testTimeout: 30_000,
  maxWorkers: '100%',
  testSequencer: '<rootDir>/test/support/jest/sequencer.cjs',
  // Tests of one file that run at the same time. Each has processes of its own, beside the other worker.
  maxConcurrency: 2,
  // What V8 counts is converted anew for each spec, which takes longer than the specs themselves.
  coverageProvider: 'babel',
  coverageDirectory: 'coverage',
  coverageReporters: ['text-summary', 'lcov', 'json-summary'],
  collectCoverageFrom: ['libs/redis-cache/src/**/*.ts', '!**/*.{spec,fixture}.ts'],
  coverageThreshold: {
    global: { lines: 95, functions: 95, branches: 90, statements: 95 },
  },
};
