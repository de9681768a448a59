/* Builds the package, packs it and checks it: `npm run pack [-- --out <folder>]`, by default `dist`. */

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { problemsOf } from './check.js';
import { ROOT } from './folders.js';
import { packLibrary } from './pack.js';

async function main(): Promise<void> {
  const { out } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } }).values;
  const tarball = await packLibrary(resolve(ROOT, out));
  console.log(tarball);
  const problems = await problemsOf(tarball);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

void main();
