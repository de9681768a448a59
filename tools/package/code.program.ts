/* Compiles the library as it is run: `node --require ./test/support/typescript/register.cjs <this> <folder>`. */

import { resolve } from 'node:path';
import { compileCode } from './compile.js';

const [folder = 'dist'] = process.argv.slice(2);

void compileCode(resolve(folder));
