'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const v8 = require('node:v8');
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');
const { CompiledCode } = require('./compiled-code.cjs');
const { coverageIn } = require('./coverage-data.cjs');
const { leaveOutWhatIsKnown } = require('./known-coverage.cjs');

/** Of all specs of this worker: Jest asks Node's module for what it compiles with, each time. */
const code = new CompiledCode(vm.compileFunction);
vm.compileFunction = (...args) => code.compile(...args);

// The embedded databases are WebAssembly. They end long before it pays to compile it to its best.
v8.setFlagsFromString('--liftoff-only');

/** Node's own environment, in which no spec pays for those that its worker ran before. */
module.exports = class extends TestEnvironment {
  #storages = new Set();
  #originals = new Map();

  async setup() {
    await super.setup();
    this.global.__coverageOf = coverageIn(this.global);
    const storages = this.#storages;
    for (const name of ['run', 'enterWith']) {
      const original = AsyncLocalStorage.prototype[name];
      this.#originals.set(name, original);
      AsyncLocalStorage.prototype[name] = function (...args) {
        storages.add(this);
        return original.apply(this, args);
      };
    }
  }

  handleTestEvent({ name }) {
    // The last before Jest copies what was counted.
    if (name === 'teardown') leaveOutWhatIsKnown(this.global.__coverage__ ?? {});
  }

  /**
   * Node hands every AsyncLocalStorage that was ever used on to every promise, and all specs of a
   * worker share Node's modules: without an end to each the last spec would pay for all of them.
   */
  async teardown() {
    for (const [name, original] of this.#originals) AsyncLocalStorage.prototype[name] = original;
    for (const storage of this.#storages) storage.disable();
    this.#storages.clear();
    code.keep();
    await super.teardown();
  }
};
