'use strict';

const { Script } = require('node:vm');

/**
 * Compiles modules into the realms of specs, each file once: every spec has all modules anew, and to compile what it
 * loads takes a sixth of its time. From the second time on V8 is given the code that it made, of all functions that
 * were called by then.
 *
 * @see https://nodejs.org/api/vm.html#scriptcreatecacheddata
 */
exports.CompiledCode = class CompiledCode {
  #compileFunction;
  /** By file: what was compiled, and to what. */
  #known = new Map();
  #compiled = [];

  /** @param compileFunction that of `node:vm`, for what belongs to no realm */
  constructor(compileFunction) {
    this.#compileFunction = compileFunction;
  }

  /** As `vm.compileFunction`. */
  compile(code, parameters, options = {}) {
    const { filename, parsingContext, importModuleDynamically } = options;
    if (!parsingContext) return this.#compileFunction(code, parameters, options);
    const head = `(function (${parameters.join(', ')}) {`;
    const known = this.#known.get(filename);
    const cachedData = known?.code === code ? known.data : undefined;
    const script = new Script(`${head}${code}\n})`, {
      filename,
      // What stands in the first line is told to be where it stands in the file.
      columnOffset: -head.length,
      importModuleDynamically,
      cachedData,
    });
    if (!cachedData || script.cachedDataRejected) this.#compiled.push({ filename, code, script });
    return script.runInContext(parsingContext);
  }

  /** Keeps what was compiled, once it has run. */
  keep() {
    for (const { filename, code, script } of this.#compiled) {
      this.#known.set(filename, { code, data: script.createCachedData() });
    }
    this.#compiled = [];
  }
};
