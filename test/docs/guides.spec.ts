import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeGuide } from './guide.js';
import { blocksOf, codeIn, read, ROOT, sectionOf, tableOf } from './markdown.js';
import { runProgram } from './run-program.js';

const RUN_TIMEOUT_MS = 60_000;
const LIBRARY = 'libs/redis-cache/src';

describe('docs/README.md', () => {
  it('leads to every page, and each page of decisions is led to by theirs', () => {
    const linksOf = (document: string) =>
      [...read(document).matchAll(/\]\(([^)#:]+\.md)\)/g)].map(([, link]) => link);
    const pages = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
    expect(linksOf('docs/README.md')).toEqual(
      expect.arrayContaining(pages.filter((page) => page !== 'README.md')),
    );
    const decisions = readdirSync(join(ROOT, 'docs/decisions'));
    expect(linksOf('docs/decisions/README.md')).toEqual(
      expect.arrayContaining(decisions.filter((page) => page !== 'README.md')),
    );
  });
});

describeGuide('docs/outages.md', (guide) => {
  const example = guide.program('Try it');

  it(
    'has a program that prints what it says',
    async () => {
      const [, output] = blocksOf(sectionOf(guide.text, 'Try it'));
      expect(await runProgram(example.code)).toBe(output?.code);
    },
    RUN_TIMEOUT_MS,
  );
});

describe('troubleshooting', () => {
  const document = read('docs/troubleshooting.md');

  it('names every error, by its class and code', () => {
    const rows = [
      ...tableOf(sectionOf(document, 'A call fails'), 'class'),
      ...tableOf(sectionOf(document, 'A call fails').split('never thrown')[1] ?? '', 'class'),
    ];
    const named = rows.map(([name, code]) => [...codeIn(name), ...codeIn(code)].join(' '));
    expect([...new Set(named)].sort()).toEqual(errorsWithCodes().sort());
  });

  it('quotes what the library says', () => {
    const source = sources();
    const quoted = ['The application does not boot', 'The log warns'].flatMap((heading) =>
      tableOf(sectionOf(document, heading), 'it says').flatMap(([cell]) => codeIn(cell)),
    );
    const said = quoted.flatMap((text) => text.split('…').map((part) => part.trim()));
    const parts = said.filter((part) => part.length > 3 && !part.startsWith('Nest'));
    expect(parts.length).toBeGreaterThan(15);
    expect(parts.filter((part) => !source.includes(part))).toEqual([]);
  });
});

/** Every error that has a class, those that only extend one with a code too. */
function errorsWithCodes(): string[] {
  const folder = `${LIBRARY}/errors`;
  const files = readdirSync(join(ROOT, folder)).filter((file) => file.endsWith('.error.ts'));
  const source = files.map((file) => read(`${folder}/${file}`)).join('\n');
  const codes = new Map<string, string>();
  for (const [, name = '', base = '', body = ''] of source.matchAll(
    /^export class (\w+) extends (\w+) \{([^]*?)^\}/gm,
  )) {
    const code = /readonly code = '(\w+)'/.exec(body)?.[1] ?? codes.get(base) ?? '';
    codes.set(name, code);
  }
  return [...codes].map((pair) => pair.join(' '));
}

/** What all sources say, with texts in one piece that are put together there. */
function sources(): string {
  const files = readdirSync(join(ROOT, LIBRARY), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => read(join(LIBRARY, file)))
    .join('\n')
    .replaceAll(/['"`] \+\s+['"`]/g, '');
}
