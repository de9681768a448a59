/**
 * Adds up the results of test runs: `node tools/test-totals.mjs <folder>`, where the folder holds
 * what `jest --json --outputFile` wrote, one file for each run. Prints `N passed, N failed`, and fails
 * if a test failed or, where `CI=true`, if one was skipped.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
const results = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')));

const sum = (count) => results.reduce((total, result) => total + count(result), 0);

const passed = sum((result) => result.numPassedTests);
// A file that could not even be loaded counts as one test: it must not vanish from the sum.
const failed = sum((result) => result.numFailedTests + result.numRuntimeErrorTestSuites);
const skipped = sum((result) => result.numPendingTests + result.numTodoTests);
const mustNotSkip = process.env.CI === 'true';

if (skipped > 0) {
  console.log(`${skipped} skipped${mustNotSkip ? ', which is a failure here:' : ':'}`);
  for (const name of results.flatMap(skippedTests)) console.log(`  ${name}`);
}
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0 || passed === 0 || (mustNotSkip && skipped > 0)) process.exitCode = 1;

function skippedTests({ testResults }) {
  return testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status === 'pending' || status === 'todo')
    .map(({ fullName }) => fullName);
}
