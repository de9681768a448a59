'use strict';

const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { createTransformer } = require('@swc/jest');
const { createInstrumenter } = require('istanbul-lib-instrument');
const { version: ISTANBUL } = require('istanbul-lib-instrument/package.json');
const swcOptions = require('../typescript/swc-options.cjs');

const swc = createTransformer({ ...swcOptions, sourceMaps: true });
const OURS = ['source.transform.cjs', 'coverage-data.cjs'].map((name) =>
  readFileSync(join(__dirname, name), 'utf8'),
);

/** What Istanbul begins a file with: makes an object of all that it knows of the file, three times as large. */
const FIRST_CALL = /^[ \t]*(cov_\w+)\(\);$/m;
const HASH = /\bvar hash = ("\w+");/;

/**
 * Sources as tests run them, counted by Istanbul where coverage is asked for. What it knows of a file is made
 * by the first spec of a worker that loads the file, and copied for the others: see `coverage-data.cjs`.
 */
module.exports = {
  canInstrument: true,

  process(source, filename, options) {
    const compiled = swc.process(source, filename, options);
    if (!options.instrument) return compiled;
    const instrumenter = createInstrumenter({ compact: false, produceSourceMap: true });
    const map = JSON.parse(compiled.map);
    const counted = instrumenter.instrumentSync(compiled.code, filename, map);
    const [, hash] = HASH.exec(counted) ?? [];
    if (!hash || !FIRST_CALL.test(counted)) {
      throw new Error(`Istanbul has not counted ${filename} as it did when this was written.`);
    }
    const code = counted.replace(FIRST_CALL, `$1 = __coverageOf(${hash}, $1);`);
    return { code, map: instrumenter.lastSourceMap() };
  },

  getCacheKey(source, filename, options) {
    const key = swc.getCacheKey(source, filename, options);
    return createHash('sha1')
      .update([key, ISTANBUL, ...OURS].join())
      .digest('hex');
  },
};
