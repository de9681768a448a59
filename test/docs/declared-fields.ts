import { join } from 'node:path';
import ts from 'typescript';
import { read } from './markdown.js';

/** A field as it stands in the source. */
export interface DeclaredField {
  readonly name: string;
  /** Text of its `@default`, where it has one. */
  readonly default: string | undefined;
}

const LIBRARY = 'libs/redis-cache/src';

/**
 * Fields of an interface of the library. Those of an object in it, whose interface stands in the same
 * file, are listed too: `near` and `near.ttl`.
 */
export function fieldsOf(path: string, name: string): DeclaredField[] {
  const file = join(LIBRARY, path);
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
  const interfaces = new Map(
    source.statements.filter(ts.isInterfaceDeclaration).map((found) => [found.name.text, found]),
  );
  return membersOf(interfaces, name);
}

function membersOf(
  interfaces: ReadonlyMap<string, ts.InterfaceDeclaration>,
  name: string,
): DeclaredField[] {
  const declaration = interfaces.get(name);
  if (!declaration) throw new Error(`There is no interface ${name}`);
  return declaration.members.filter(ts.isPropertySignature).flatMap((member) => {
    const field = { name: member.name.getText(), default: defaultOf(member) };
    const [nested] = referencesIn(member.type).filter((type) => interfaces.has(type));
    if (nested === undefined) return [field];
    const inner = membersOf(interfaces, nested).map((inside) => ({
      ...inside,
      name: `${field.name}.${inside.name}`,
    }));
    // An object that can be nothing else is no option of its own.
    return member.type && ts.isUnionTypeNode(member.type) ? [field, ...inner] : inner;
  });
}

function referencesIn(type: ts.TypeNode | undefined): string[] {
  if (!type) return [];
  if (ts.isUnionTypeNode(type)) return type.types.flatMap(referencesIn);
  return ts.isTypeReferenceNode(type) ? [type.typeName.getText()] : [];
}

function defaultOf(member: ts.PropertySignature): string | undefined {
  const [tag] = ts.getJSDocTags(member).filter(({ tagName }) => tagName.text === 'default');
  return tag && ts.getTextOfJSDocComment(tag.comment);
}
