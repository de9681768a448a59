import { join } from 'node:path';
import ts from 'typescript';
import { blocksOf, documents, read, ROOT } from './markdown.js';

/** The library and Nest are compiled with it. */
const COMPILE_TIMEOUT_MS = 120_000;

interface Program {
  /** Where it would stand; there is no such file. */
  readonly file: string;
  readonly document: string;
  readonly code: string;
}

describe('TypeScript in the documents', () => {
  it(
    'compiles, and imports nothing that it does not use',
    () => {
      const programs = documents().flatMap(programsOf);
      expect(programs.length).toBeGreaterThan(0);
      expect(problemsOf(programs)).toEqual([]);
    },
    COMPILE_TIMEOUT_MS,
  );
});

/** The blocks of a document that belong together, on the very lines where they stand in it. */
function programsOf(document: string): Program[] {
  const blocks = blocksOf(read(document)).filter(({ language }) => language === 'ts');
  const programs: Program[] = [];
  let code = '';
  for (const [index, block] of blocks.entries()) {
    const sofar = block.continues ? code : '';
    const emptyLines = '\n'.repeat(block.line - sofar.split('\n').length + 1);
    code = sofar + emptyLines + block.code;
    if (blocks[index + 1]?.continues) continue;
    const file = join(ROOT, 'test/docs', `${document.replaceAll(/\W/g, '-')}-${index}.ts`);
    // A block that imports and exports nothing is a module all the same.
    programs.push({ file, document, code: `${code}export {};\n` });
  }
  return programs;
}

function problemsOf(programs: readonly Program[]): string[] {
  const sources = new Map(programs.map((program) => [program.file, program]));
  const options = { ...compilerOptions(), noEmit: true, noUnusedLocals: true };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (file) => sources.has(file) || fileExists(file);
  host.readFile = (file) => sources.get(file)?.code ?? readFile(file);

  const program = ts.createProgram([...sources.keys()], options, host);
  return [...sources].flatMap(([file, { document }]) => {
    const source = program.getSourceFile(file);
    const found = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return found.filter(isProblem).map((diagnostic) => shown(diagnostic, document));
  });
}

function compilerOptions(): ts.CompilerOptions {
  const file = join(ROOT, 'tsconfig.json');
  const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options;
}

/** Examples define what they do not use themselves; but what they import, they are to use. */
function isProblem({ file, start = 0, reportsUnnecessary }: ts.Diagnostic): boolean {
  if (!reportsUnnecessary || !file) return true;
  return file.statements.some(
    (statement) =>
      ts.isImportDeclaration(statement) && statement.pos <= start && start < statement.end,
  );
}

function shown({ file, start = 0, messageText }: ts.Diagnostic, document: string): string {
  const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
  return `${document}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}
