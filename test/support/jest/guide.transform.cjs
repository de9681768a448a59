'use strict';

const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { transformSync } = require('@swc/core');
const swc = require('../typescript/swc-options.cjs');

/** As test/docs/markdown.ts finds them. */
const BLOCK = /(<!-- continues -->\s*)?^( *)```ts\n([^]*?)^\2```$/gm;
const SELF = readFileSync(join(__dirname, 'guide.transform.cjs'), 'utf8');

/**
 * Makes a module of the TypeScript in a guide: a list of functions, one for each program, that run it
 * and give what it exports. Each has its names to itself.
 */
module.exports = {
  process(markdown, filename) {
    const programs = [];
    for (const [, continues, , code] of markdown.matchAll(BLOCK)) {
      if (continues) programs.push(programs.pop() + code);
      else programs.push(code);
    }
    const functions = programs.map((program) => {
      const { code } = transformSync(program, { ...swc, sourceMaps: false, filename });
      return `(exports) => {\n${code}\nreturn exports;\n}`;
    });
    return { code: `module.exports = [\n${functions.join(',\n')}];` };
  },
  getCacheKey: (markdown) => createHash('sha256').update(SELF).update(markdown).digest('hex'),
};
