'use strict';

/**
 * Runs the benchmarks' own TypeScript as it is, and the library as it is published: whatever names
 * one of its sources gets the compiled file instead. See run/library-build.ts.
 */

const Module = require('node:module');
const path = require('node:path');
require('../test/support/typescript/register.cjs');

const SOURCES = path.resolve(__dirname, '../libs/redis-cache/src') + path.sep;
const COMPILED = path.resolve(__dirname, '../dist/bench/library') + path.sep;

const resolve = Module._resolveFilename;

Module._resolveFilename = function resolveCompiled(...args) {
  const file = resolve.apply(this, args);
  if (!file.startsWith(SOURCES)) return file;
  return COMPILED + file.slice(SOURCES.length).replace(/\.ts$/, '.js');
};
