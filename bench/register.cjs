'use strict';

/**
 * Runs the benchmarks' own TypeScript as it is, and the library as it is published: whatever names
 * one of its entry points gets the compiled file instead. See run/library-build.ts.
 *
 * The packages of this folder belong to the peers; the benchmarks themselves use those of the root,
 * as the library does.
 */

const { existsSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
require('../test/support/typescript/register.cjs');

const ROOT = path.resolve(__dirname, '..');
const SOURCES = path.join(ROOT, 'libs/redis-cache/src', path.sep);
const COMPILED = path.join(ROOT, 'dist/bench/node_modules/nestjs-redis-cache/dist/esm', path.sep);
const OF_PEERS = [path.join(__dirname, 'peers', path.sep), path.join(__dirname, 'node_modules')];

const resolve = Module._resolveFilename;

Module._resolveFilename = function resolveForBench(request, parent, isMain, options) {
  const place = usesRoot(request, parent?.filename) ? { paths: [ROOT] } : options;
  const file = resolve.call(this, request, parent, isMain, place);
  if (!file.startsWith(SOURCES)) return file;
  const compiled = COMPILED + file.slice(SOURCES.length).replace(/\.ts$/, '.js');
  return existsSync(compiled) ? compiled : file;
};

function usesRoot(request, importer = '') {
  if (request.startsWith('.') || path.isAbsolute(request)) return false;
  return importer.startsWith(__dirname) && !OF_PEERS.some((folder) => importer.startsWith(folder));
}
