import type ts from 'typescript';
import type { Compiler } from './compiler.js';

/** Import declarations of a file, in their order. */
export function importsOf(compiler: Compiler, source: ts.SourceFile): ts.ImportDeclaration[] {
  return source.statements.filter((statement) => compiler.isImportDeclaration(statement));
}

/** What an import declaration imports from. */
export function importedFrom({ moduleSpecifier }: ts.ImportDeclaration): string {
  return (moduleSpecifier as ts.StringLiteral).text;
}

/** What begins an import of types; the field that says so has changed between compilers. */
const OF_TYPES = /^import\s+type\s*\{/;

/** The names in braces of an import of values; undefined where there are no such braces. */
export function namesOf(
  compiler: Compiler,
  declaration: ts.ImportDeclaration,
): ts.NamedImports | undefined {
  const bindings = declaration.importClause?.namedBindings;
  if (!bindings || !compiler.isNamedImports(bindings)) return undefined;
  return OF_TYPES.test(declaration.getText()) ? undefined : bindings;
}

/** What a file calls a value that it imports; undefined if it does not. */
export function localNameOf(
  compiler: Compiler,
  source: ts.SourceFile,
  name: string,
  from: string,
): string | undefined {
  const specifier = importsOf(compiler, source)
    .filter((declaration) => importedFrom(declaration) === from)
    .flatMap((declaration) => [...(namesOf(compiler, declaration)?.elements ?? [])])
    .find((element) => !element.isTypeOnly && (element.propertyName ?? element.name).text === name);
  return specifier?.name.text;
}
