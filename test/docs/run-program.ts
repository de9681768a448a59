import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import ts from 'typescript';
import { ROOT } from './markdown.js';
import { WAITING_LONGER } from './patient-defaults.js';

const REGISTER = ['--require', './test/support/typescript/register.cjs', '--eval'];

/** Resolves to what a TypeScript program prints. */
export function runProgram(code: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = [...REGISTER, compiled(code)];
    execFile(process.execPath, args, { cwd: ROOT }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout);
    });
  });
}

/** Starts a TypeScript program that runs until it is killed, and that takes no busy machine for an outage. */
export function startProgram(code: string): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [...REGISTER, WAITING_LONGER + compiled(code)], { cwd: ROOT });
}

function compiled(code: string): string {
  return ts.transpileModule(code, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2023,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  }).outputText;
}
