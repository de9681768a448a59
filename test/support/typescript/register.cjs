'use strict';

/**
 * Runs TypeScript of this repository in a plain Node process, for tests that need several processes:
 *
 *     node --require ./test/support/typescript/register.cjs some-script.ts
 */

const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');
const swc = require('./swc-options.cjs');
require('./resolve.cjs');

require.extensions['.ts'] = function compile(module, filename) {
  const { code } = transformSync(readFileSync(filename, 'utf8'), { ...swc, filename });
  module._compile(code, filename);
};

require('reflect-metadata');
