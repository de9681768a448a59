'use strict';

/**
 * Jest's own module system can load ES modules by `require` only from Node 24.9 on, and Nest 12 and
 * others are ES modules only. This transform compiles such packages to CommonJS, as Node 20 itself
 * would load them, and leaves every package that is CommonJS already as it is.
 */

const { createHash } = require('node:crypto');
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { createTransformer } = require('@swc/jest');

const toCommonJs = createTransformer({
  swcrc: false,
  sourceMaps: false,
  jsc: {
    parser: { syntax: 'ecmascript', dynamicImport: true, importMeta: true },
    target: 'es2022',
  },
  module: { type: 'commonjs' },
});

/** @type {Map<string, 'module' | 'commonjs'>} */
const moduleTypes = new Map();

/** The module type Node gives to `.js` files of a folder: that of the nearest package.json. */
function moduleTypeOf(folder) {
  let type = moduleTypes.get(folder);
  if (!type) {
    type = readModuleType(folder);
    moduleTypes.set(folder, type);
  }
  return type;
}

function readModuleType(folder) {
  const manifest = path.join(folder, 'package.json');
  if (existsSync(manifest)) {
    return JSON.parse(readFileSync(manifest, 'utf8')).type === 'module' ? 'module' : 'commonjs';
  }
  const parent = path.dirname(folder);
  const isTop = parent === folder || path.basename(folder) === 'node_modules';
  return isTop ? 'commonjs' : moduleTypeOf(parent);
}

function needsTransform(source, file) {
  switch (path.extname(file)) {
    case '.mjs':
      return true;
    case '.cjs':
      // Without a flag Jest cannot run `import()`; compiled, it is a `require`.
      return /\bimport\(/.test(source);
    default:
      return moduleTypeOf(path.dirname(file)) === 'module';
  }
}

module.exports = {
  process(source, file, options) {
    return needsTransform(source, file)
      ? toCommonJs.process(source, file, { ...options, instrument: false })
      : { code: source };
  },

  getCacheKey(source, file, options) {
    return needsTransform(source, file)
      ? toCommonJs.getCacheKey(source, file, { ...options, instrument: false })
      : createHash('sha1').update(`untouched:${file}:${source}`).digest('hex');
  },
};
