/* Checks a packed package: `node --require ./test/support/typescript/register.cjs <this> <tarball>`. */

import { problemsOf } from './check.js';

async function main(): Promise<void> {
  const [tarball = ''] = process.argv.slice(2);
  const problems = await problemsOf(tarball);
  for (const problem of problems) console.log(problem);
  if (problems.length > 0) process.exitCode = 1;
}

void main();
