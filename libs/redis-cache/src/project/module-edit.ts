import type ts from 'typescript';
import { CACHE_MODULE, importsCache, LIBRARY_NAME } from './cache-import.js';
import { codeStyleOf } from './code-style.js';
import type { Compiler } from './compiler.js';
import { importedFrom, importsOf, localNameOf, namesOf } from './imported-names.js';
import {
  appended,
  behindComments,
  prepended,
  type CodeList,
  type EditedCode,
} from './list-edit.js';
import { moduleClassesOf, type ModuleClass } from './module-class.js';
import { edited, type TextEdit } from './text-edit.js';

/** What has come of editing a module. */
export type ModuleEdit =
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: string };

export interface ModuleFile {
  readonly name: string;
  readonly text: string;
  /** The class that is meant, where there are several. */
  readonly moduleClass: string | undefined;
}

/** A constant with the options of the cache. */
export interface OptionsImport {
  readonly name: string;
  readonly from: string;
}

/**
 * Imports the cache into a module, by insertions at exact places: everything else stays as it is, to
 * the byte. What is not written as modules commonly are is refused.
 */
export function importCache(
  compiler: Compiler,
  file: ModuleFile,
  options: OptionsImport,
): ModuleEdit {
  if (!isSound(compiler, file)) return refused('it has errors of syntax');
  const source = parsed(compiler, file);
  const found = chosen(moduleClassesOf(compiler, source), file.moduleClass);
  if (typeof found === 'string') return refused(found);
  const taken = [{ name: CACHE_MODULE, from: LIBRARY_NAME }, options].find(({ name, from }) =>
    isTaken(compiler, source, name, from),
  );
  if (taken) return refused(`it has something else called ${taken.name}`);

  const code = { compiler, source, style: codeStyleOf(file.text) };
  const item = `${CACHE_MODULE}.forRootAsync(${options.name})`;
  const inserted = itemEdits(code, found.decorator, item);
  if (typeof inserted === 'string') return refused(inserted);
  const edits = [
    ...importEdits(code, CACHE_MODULE, LIBRARY_NAME),
    ...importEdits(code, options.name, options.from),
    ...inserted,
  ];
  const after = { ...file, text: edited(file.text, edits) };
  // A slip of ours is not to be a broken file of theirs.
  const holds = isSound(compiler, after) && importsCache(compiler, parsed(compiler, after));
  return holds
    ? { kind: 'edited', text: after.text }
    : refused('it is written in a way that is not known');
}

export function parsed(
  compiler: Compiler,
  { name, text }: Pick<ModuleFile, 'name' | 'text'>,
): ts.SourceFile {
  return compiler.createSourceFile(name, text, compiler.ScriptTarget.Latest, true);
}

function isSound(compiler: Compiler, { name, text }: ModuleFile): boolean {
  const { diagnostics } = compiler.transpileModule(text, {
    fileName: name,
    reportDiagnostics: true,
    compilerOptions: { target: compiler.ScriptTarget.ESNext, experimentalDecorators: true },
  });
  return diagnostics?.length === 0;
}

function chosen(classes: readonly ModuleClass[], name: string | undefined): ModuleClass | string {
  const [first, ...others] = classes;
  if (!first) return 'it has no class with @Module() of @nestjs/common';
  const names = classes.map((found) => found.name).join(', ');
  const wanted = name ?? (others.length === 0 ? first.name : 'AppModule');
  const found = classes.find((one) => one.name === wanted);
  if (found) return found;
  return name === undefined
    ? `it has the modules ${names}: name one, by --module <file>#<class>`
    : `it has no module ${name}, but ${names}`;
}

/** Whether a name stands in the file for anything but that import. */
function isTaken(compiler: Compiler, source: ts.SourceFile, name: string, from: string): boolean {
  if (localNameOf(compiler, source, name, from) === name) return false;
  const isIt = (node: ts.Node): boolean =>
    (compiler.isIdentifier(node) && node.text === name) ||
    (compiler.forEachChild(node, isIt) ?? false);
  return isIt(source);
}

/** Edits that put an item into the imports of a module, or why there are none. */
function itemEdits(
  code: EditedCode,
  { arguments: args }: ts.CallExpression,
  item: string,
): TextEdit[] | string {
  const { compiler, source } = code;
  const [metadata] = args;
  if (!metadata || args.length > 1 || !compiler.isObjectLiteralExpression(metadata)) {
    return 'its @Module() is not given an object written there';
  }
  const { properties } = metadata;
  const at = properties.findIndex(({ name }) => nameOf(compiler, name) === 'imports');
  const property = properties[at];
  const rest = properties.slice(at + 1);
  if (rest.some((other) => compiler.isSpreadAssignment(other))) {
    return 'something is spread into its @Module(), which may have imports of its own';
  }
  if (!property) {
    const list = {
      items: properties,
      open: metadata.getStart(source) + 1,
      close: metadata.end - 1,
    };
    return prepended(code, list, `imports: [${item}]`);
  }
  const array = compiler.isPropertyAssignment(property) && property.initializer;
  if (!array || !compiler.isArrayLiteralExpression(array)) {
    return 'its imports are not an array written there';
  }
  return appended(code, listOf(code, array, array.elements), item);
}

function nameOf(compiler: Compiler, name: ts.PropertyName | undefined): string | undefined {
  const known = name && (compiler.isIdentifier(name) || compiler.isStringLiteral(name));
  return known ? name.text : undefined;
}

/** Edits that import a name, into what is imported from there already where there is something. */
function importEdits(code: EditedCode, name: string, from: string): TextEdit[] {
  const { compiler, source, style } = code;
  if (localNameOf(compiler, source, name, from) === name) return [];
  const imports = importsOf(compiler, source);
  const braces = imports
    .filter((declaration) => importedFrom(declaration) === from)
    .map((declaration) => namesOf(compiler, declaration))
    .find((found) => found !== undefined && found.elements.length > 0);
  if (braces) return appended(code, listOf(code, braces, braces.elements), name);
  const isRelative = (text: string) => text.startsWith('.');
  const alike = imports.filter(
    (declaration) => isRelative(from) || !isRelative(importedFrom(declaration)),
  );
  const { quote, semicolon, lineEnd } = style;
  const line = `import { ${name} } from ${quote}${from}${quote}${semicolon}`;
  // There is one at least: that of `Module`.
  const behind = behindComments(code, alike.at(-1)?.end ?? 0);
  return [{ at: behind, text: `${lineEnd}${line}` }];
}

function listOf(
  { source }: EditedCode,
  inBrackets: ts.Node,
  items: ts.NodeArray<ts.Node>,
): CodeList {
  return { items, open: inBrackets.getStart(source) + 1, close: inBrackets.end - 1 };
}

function refused(reason: string): ModuleEdit {
  return { kind: 'refused', reason };
}
