import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { blocksOf, documents, programsOf, read, ROOT, withoutCode } from './markdown.js';

/** The library and Nest are compiled with it. */
const COMPILE_TIMEOUT_MS = 120_000;

/** Uses what docs/testing.md declares for the compiler. */
const MATCHERS = `
import { expect } from '@jest/globals';
import type { TestCache } from 'nestjs-redis-cache/testing';

declare const cache: TestCache;
expect(cache).toHaveCached('lead.nameByPhone', '+1555', { tenant: 'acme' });
// @ts-expect-error a number of times has to be said
expect(cache).not.toHaveLoadedTimes('lead.nameByPhone');
`;

interface Source {
  /** Where it would stand; there is no such file. */
  readonly file: string;
  readonly document: string;
  readonly code: string;
}

describe('TypeScript in the documents', () => {
  it(
    'compiles, and imports nothing that it does not use',
    () => {
      const sources = documents().flatMap(sourcesOf);
      expect(sources.length).toBeGreaterThan(0);
      const matchers = { file: join(ROOT, 'test/docs/matchers.ts'), code: MATCHERS };
      sources.push({ document: 'matchers of docs/testing.md', ...matchers });
      expect(problemsOf(sources)).toEqual([]);
    },
    COMPILE_TIMEOUT_MS,
  );

  it('stands in blocks of `ts`, which are looked at here, but for what is checked otherwise', () => {
    const script = /^(?:[cm]?[jt]sx?|(?:java|type)script)$/i;
    const others = documents().flatMap((document) =>
      blocksOf(read(document))
        .filter(({ language }) => script.test(language) && language !== 'ts')
        .map(({ language }) => `${document} ${language}`),
    );
    expect(others).toEqual([
      // By compatibility.spec.ts.
      'docs/compatibility.md js',
      'docs/compatibility.md js',
      // For Vitest, which is not installed.
      'docs/testing.md typescript',
    ]);
    const unread = documents().filter((path) => /^ *(?:```|~~~)/m.test(withoutCode(read(path))));
    expect(unread).toEqual([]);
  });

  it('is run by a spec for each guide', () => {
    const guides = documents().filter((path) => /^(docs\/[^/]+|README)\.md$/.test(path));
    const withCode = guides.filter((guide) => programsOf(read(guide)).length > 0);
    expect(withCode.length).toBeGreaterThan(0);
    // The remedy: `describeGuide('docs/….md', (guide) => …)` of guide.ts in a spec beside this.
    expect(withCode.filter((guide) => !described().includes(guide))).toEqual([]);
  });
});

/** The programs of a document, with each block on the very lines where it stands in it. */
function sourcesOf(document: string): Source[] {
  return programsOf(read(document)).map((blocks) => {
    const code = blocks.reduce(
      (sofar, block) => sofar + '\n'.repeat(block.line - sofar.split('\n').length + 1) + block.code,
      '',
    );
    const file = join(ROOT, 'test/docs', `${document.replaceAll(/\W/g, '-')}-${blocks[0].line}.ts`);
    // A block that imports and exports nothing is a module all the same.
    return { file, document, code: `${code}export {};\n` };
  });
}

function problemsOf(all: readonly Source[]): string[] {
  const sources = new Map(all.map((source) => [source.file, source]));
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

/** Documents whose code has specs; these in turn say which of its programs they do not run. */
function described(): string[] {
  const specs = readdirSync(__dirname).filter((file) => file.endsWith('.spec.ts'));
  return specs.flatMap((spec) =>
    [...read(`test/docs/${spec}`).matchAll(/^describeGuide\('(.+?)'/gm)].map(
      ([, guide = '']) => guide,
    ),
  );
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
