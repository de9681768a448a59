import type ts from 'typescript';
import type { Compiler } from './compiler.js';
import { localNameOf } from './imported-names.js';

/** A class with `@Module(…)`. */
export interface ModuleClass {
  readonly name: string;
  readonly decorator: ts.CallExpression;
}

/** Classes of a file that Nest takes for modules. */
export function moduleClassesOf(compiler: Compiler, source: ts.SourceFile): ModuleClass[] {
  const local = localNameOf(compiler, source, 'Module', '@nestjs/common');
  return source.statements
    .filter((statement) => compiler.isClassDeclaration(statement))
    .flatMap((declaration) => {
      const decorator = decoratorsOf(compiler, declaration).find(
        ({ expression }) => compiler.isIdentifier(expression) && expression.text === local,
      );
      return decorator ? [{ name: declaration.name?.text ?? 'default', decorator }] : [];
    });
}

/** They are children of a class in every version of the compiler, and moved from field to field. */
function decoratorsOf(compiler: Compiler, declaration: ts.ClassDeclaration): ts.CallExpression[] {
  const found: ts.CallExpression[] = [];
  compiler.forEachChild(declaration, (child) => {
    if (compiler.isDecorator(child) && compiler.isCallExpression(child.expression)) {
      found.push(child.expression);
    }
  });
  return found;
}
