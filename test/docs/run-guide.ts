import { execFile } from 'node:child_process';
import ts from 'typescript';
import { ownPrefix } from '../support/cache-apps.js';
import { ROOT } from './markdown.js';
import { WAITING_LONGER } from './patient-defaults.js';

/**
 * Runs code of a guide as a program of its own: `walk` of a `.program.ts` beside this is given what
 * each of the sources exports.
 *
 * @returns the last line it prints, as JSON
 */
export function runGuide<T>(program: string, sources: readonly string[]): Promise<T> {
  const path = `./test/docs/${program}.program.ts`;
  const code = `${WAITING_LONGER}void require('${path}').walk(${sources.map(moduleOf).join(',\n')});`;
  const args = ['--require', './test/support/typescript/register.cjs', '--eval', code];
  const env = { ...process.env, CACHE_PREFIX: ownPrefix() };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: ROOT, env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as T);
    });
  });
}

/** TypeScript of a guide as what Node runs. */
function commonJsOf(code: string): string {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2023,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  });
  return outputText;
}

/** An expression for what the code exports. */
function moduleOf(code: string): string {
  return `(function (exports) {\n${commonJsOf(code)}\nreturn exports;\n})({})`;
}
