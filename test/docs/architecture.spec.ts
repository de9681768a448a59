import { readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { AT, FORMAT_VERSION } from '../../libs/redis-cache/src/codec/entry-layout.js';
import { blocksOf, read, ROOT, sectionOf, tableOf } from './markdown.js';

const LIBRARY = 'libs/redis-cache/src';
const document = read('docs/architecture.md');

describe('the picture of the folders', () => {
  const [picture] = blocksOf(sectionOf(document, 'Folders'));
  const rows = rowsOf(picture?.code ?? '');
  const imports = importsBetweenFolders();

  it('names every folder of the library, and no other', () => {
    expect(rows.flat().sort()).toEqual(['src', ...folders()].sort());
  });

  it('shows which way imports run: downward', () => {
    const rowOf = (folder: string) => rows.findIndex((row) => row.includes(folder));
    expect(imports.filter(([from, to]) => rowOf(from) > rowOf(to))).toEqual([]);
  });

  it('has an arrow for each import within a row', () => {
    const rowOf = (folder: string) => rows.find((row) => row.includes(folder));
    const within = imports.filter(([from, to]) => rowOf(from) === rowOf(to));
    const arrows = [...(picture?.code ?? '').matchAll(/^ +(\w+) --> (\w+)$/gm)];
    expect(arrows.map(([, from, to]) => `${from} ${to}`).sort()).toEqual(
      within.map((edge) => edge.join(' ')).sort(),
    );
  });

  it('is followed by a word on each folder', () => {
    const described = tableOf(sectionOf(document, 'Folders'), 'folder').map(([name]) => name);
    expect(described.sort()).toEqual(
      folders()
        .map((folder) => `\`${folder}\``)
        .sort(),
    );
  });
});

describe('the layout of an entry', () => {
  it('is that of the code', () => {
    const rows = tableOf(sectionOf(document, 'Entry format'), 'bytes');
    const starts = rows.map(([bytes = '']) => parseInt(bytes, 10)).filter(Number.isInteger);
    expect(starts).toEqual([0, ...Object.values(AT)]);
    expect(sectionOf(document, 'Entry format')).toContain(`Format version ${FORMAT_VERSION}`);
  });
});

/** Names in each subgraph, from top to bottom. */
function rowsOf(picture: string): string[][] {
  return [...picture.matchAll(/^ +subgraph .*\n([^]*?)^ +end$/gm)].map(([, body = '']) =>
    [...body.matchAll(/^ +([\w-]+)/gm)].map(([, name = '']) => name),
  );
}

function folders(): string[] {
  const entries = readdirSync(join(ROOT, LIBRARY), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Pairs of folders, each once; files in the root of the sources are in `src`. */
function importsBetweenFolders(): (readonly [string, string])[] {
  const files = readdirSync(join(ROOT, LIBRARY), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !/\.(?:spec|fixture)\.ts$/.test(file));
  const pairs = files.flatMap((file) =>
    [...read(posix.join(LIBRARY, file)).matchAll(/(?:from|import) '(\.[^']+)'/g)]
      .map(([, path = '']) => posix.join(posix.dirname(file), path))
      .map((target) => [folderOf(file), folderOf(target)] as const)
      .filter(([from, to]) => from !== to),
  );
  return [...new Map(pairs.map((pair) => [pair.join(' '), pair])).values()];
}

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : 'src';
}
