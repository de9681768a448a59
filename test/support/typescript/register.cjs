'use strict';

/**
 * Runs TypeScript of this repository in a plain Node process, for tests that need several processes:
 *
 *     node --require ./test/support/typescript/register.cjs some-script.ts
 *
 * What a file compiles to is kept on disk: tests start a hundred processes that load the whole library.
 */

const { createHash, randomUUID } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const swc = require('./swc-options.cjs');
require('./resolve.cjs');

const COMPILED = path.resolve(__dirname, '../../../node_modules/.cache/typescript');
const SETTINGS = JSON.stringify([swc, require('@swc/core/package.json').version]);

require.extensions['.ts'] = function compile(module, filename) {
  module._compile(compiled(filename, readFileSync(filename, 'utf8')), filename);
};

function compiled(filename, text) {
  const hash = createHash('sha256').update(`${SETTINGS}\n${filename}\n${text}`).digest('hex');
  const file = path.join(COMPILED, hash);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const { transformSync } = require('@swc/core');
  const { code } = transformSync(text, { ...swc, filename });
  mkdirSync(COMPILED, { recursive: true });
  // Other processes compile the same, and none may read half of it.
  const draft = `${file}-${randomUUID()}`;
  writeFileSync(draft, code);
  renameSync(draft, file);
  return code;
}

require('reflect-metadata');
