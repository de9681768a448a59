'use strict';

const { readdirSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync } = require('@swc/core');
const swc = require('../typescript/swc-options.cjs');

const COMMENT = /\/\*[^]*?\*\/|\/\/.*/g;
const NOTHING = /^\s*(?:export\s*\{\s*\};?)?\s*$/;

/**
 * Files below `root/folder` of which nothing is left at run time: no test can execute them, and v8
 * would call all their lines uncovered.
 *
 * @returns {string[]} paths from `root`, with forward slashes
 */
exports.typeOnlyFiles = (root, folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && isTypeOnly(path.join(root, folder, file)))
    .map((file) => path.join(folder, file).replaceAll(path.sep, '/'));

function isTypeOnly(filename) {
  const options = { ...swc, filename, sourceMaps: false, module: { type: 'es6' } };
  try {
    const { code } = transformSync(readFileSync(filename, 'utf8'), options);
    return NOTHING.test(code.replace(COMMENT, ''));
  } catch {
    // Not TypeScript as it stands; the tests that import it will say so.
    return false;
  }
}
