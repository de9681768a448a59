import { join } from 'node:path';
import ts from 'typescript';

/** What the compiler has against one line of a snippet; several complaints in one text. */
export interface Complaint {
  /** As it stands in the snippet, without blanks around it. */
  readonly line: string;
  readonly says: string;
}

const ROOT = join(__dirname, '../..');

/**
 * Compiles snippets as files of this repository, with its settings and against its sources.
 *
 * @param snippets by name, each the text of a file
 */
export class TypeCheck {
  private readonly program: ts.Program;

  constructor(private readonly snippets: Readonly<Record<string, string>>) {
    const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile) as {
      config: unknown;
    };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    const host = ts.createCompilerHost(options);
    const { readFile, fileExists } = host;
    const texts = new Map(Object.entries(snippets).map(([name, text]) => [fileOf(name), text]));
    host.readFile = (file) => texts.get(file) ?? readFile(file);
    host.fileExists = (file) => texts.has(file) || fileExists(file);
    this.program = ts.createProgram({
      rootNames: [...texts.keys()],
      options: { ...options, noEmit: true, types: ['node'] },
      host,
    });
  }

  complaintsOf(name: string): Complaint[] {
    const source = this.program.getSourceFile(fileOf(name)) as ts.SourceFile;
    const found = [
      ...this.program.getSyntacticDiagnostics(source),
      ...this.program.getSemanticDiagnostics(source),
    ];
    const byLine = new Map<number, string[]>();
    for (const { start = 0, messageText } of found) {
      const { line } = source.getLineAndCharacterOfPosition(start);
      const texts = byLine.get(line) ?? [];
      byLine.set(line, [...texts, ts.flattenDiagnosticMessageText(messageText, '\n')]);
    }
    const lines = String(this.snippets[name]).split('\n');
    return [...byLine]
      .sort(([a], [b]) => a - b)
      .map(([line, texts]) => ({ line: String(lines[line]).trim(), says: texts.join('\n') }));
  }
}

/** A file that is not there, in a folder where what the snippets import is found. */
function fileOf(name: string): string {
  return join(ROOT, 'test', 'snippets', `${name.replace(/\W+/g, '-')}.ts`);
}
