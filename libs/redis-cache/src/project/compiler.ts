import { createRequire } from 'node:module';
import { join } from 'node:path';
import type ts from 'typescript';

export type Compiler = typeof ts;

/**
 * The TypeScript that the project itself compiles with; undefined if it has none, or one that cannot
 * be asked: version 7.0 has no such interface.
 */
export function compilerOf(folder: string): Compiler | undefined {
  try {
    const compiler = createRequire(join(folder, 'package.json'))('typescript') as Partial<Compiler>;
    return typeof compiler.createSourceFile === 'function' ? (compiler as Compiler) : undefined;
  } catch {
    return undefined;
  }
}
