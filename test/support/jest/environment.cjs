'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { TestEnvironment } = require('jest-environment-node');

/**
 * Node's own environment, with an end to every AsyncLocalStorage of a spec. Node hands each one that
 * was ever used on to every promise, and all specs of a worker share Node's modules: without an end
 * the last spec pays for the storages of all before it.
 */
module.exports = class extends TestEnvironment {
  #storages = new Set();
  #originals = new Map();

  async setup() {
    await super.setup();
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

  async teardown() {
    for (const [name, original] of this.#originals) AsyncLocalStorage.prototype[name] = original;
    for (const storage of this.#storages) storage.disable();
    this.#storages.clear();
    await super.teardown();
  }
};
