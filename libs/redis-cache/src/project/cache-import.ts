import type ts from 'typescript';
import type { Compiler } from './compiler.js';
import { localNameOf } from './imported-names.js';

export const LIBRARY_NAME = 'nestjs-redis-cache';
export const CACHE_MODULE = 'RedisCacheModule';

const FOR_ROOT = ['forRoot', 'forRootAsync'];

/** Whether a file imports the cache at the root: it calls `RedisCacheModule.forRoot` or its like. */
export function importsCache(compiler: Compiler, source: ts.SourceFile): boolean {
  const local = localNameOf(compiler, source, CACHE_MODULE, LIBRARY_NAME);
  if (local === undefined) return false;
  const isIt = (node: ts.Node): boolean =>
    (compiler.isPropertyAccessExpression(node) &&
      compiler.isIdentifier(node.expression) &&
      node.expression.text === local &&
      FOR_ROOT.includes(node.name.text)) ||
    (compiler.forEachChild(node, isIt) ?? false);
  return isIt(source);
}
