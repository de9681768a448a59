'use strict';

const Sequencer = require('@jest/test-sequencer').default;

/** What takes longest though its file is small, which is all that Jest goes by on a fresh checkout. */
const LONGEST = [
  'package/package',
  'invalidation/model',
  'voice-agent/modes',
  'voice-agent/embedded',
  'bench/harness',
  'admin/dashboard',
  'migration/kill',
  'reliability/connection',
  'reliability/failover',
  'reliability/server',
  'conformance/conformance',
].map((name) => `/test/${name}.spec.ts`);

/** Begins with what takes longest: at the end one of two workers would be alone with it. */
module.exports = class extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => LONGEST.some((end) => path.endsWith(end));
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
