'use strict';

/**
 * Lets Node's own `require` resolve what TypeScript sources of this repository write: relative
 * imports that name the compiled `.js` of a `.ts` next to them, and the library by its public names.
 */

const { existsSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const LIBRARY = path.resolve(__dirname, '../../../libs/redis-cache/src');
const PUBLIC_NAME = /^nestjs-redis-cache(?:\/(.+))?$/;
const RELATIVE_JS = /^\.{1,2}\/.*\.js$/;

const resolve = Module._resolveFilename;

Module._resolveFilename = function resolveSource(request, parent, ...rest) {
  return resolve.call(this, sourceOf(request, parent) ?? request, parent, ...rest);
};

function sourceOf(request, parent) {
  const entryPoint = PUBLIC_NAME.exec(request);
  if (entryPoint) return path.join(LIBRARY, entryPoint[1] ?? '', 'index.ts');
  if (!RELATIVE_JS.test(request) || !parent?.filename?.endsWith('.ts')) return undefined;
  const source = path.resolve(path.dirname(parent.filename), request.replace(/\.js$/, '.ts'));
  return existsSync(source) ? source : undefined;
}
