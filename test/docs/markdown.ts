import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export const ROOT = join(__dirname, '../..');

/** A fenced block of code. */
export interface Block {
  readonly language: string;
  readonly code: string;
  /** Number of its first line in the file, from 0. */
  readonly line: number;
  /** `<!-- continues -->` stands above it: it goes on where the block before it ends. */
  readonly continues: boolean;
}

const FENCE = /^( *)```(\w*)\n([^]*?)^\1```$/gm;
const CONTINUES = /<!-- continues -->\s*$/;
const HEADING = /^#{1,6} (.+)$/gm;

/** Every document that is kept here, from the root. */
export function documents(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return isOurs(entry.name) ? documents(path) : [];
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

function isOurs(folder: string): boolean {
  return !folder.startsWith('.') && !['node_modules', 'dist', 'coverage', 'api'].includes(folder);
}

export function read(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(FENCE)].map((match) => {
    const [, indent = '', language = '', code = ''] = match;
    const before = markdown.slice(0, match.index);
    return {
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      line: before.split('\n').length,
      continues: CONTINUES.test(before),
    };
  });
}

/** The blocks of TypeScript, each with those that continue it. */
export function programsOf(markdown: string): [Block, ...Block[]][] {
  const programs: [Block, ...Block[]][] = [];
  for (const block of blocksOf(markdown).filter(({ language }) => language === 'ts')) {
    const last = programs.at(-1);
    if (block.continues && last) last.push(block);
    else programs.push([block]);
  }
  return programs;
}

/** The heading above a line, without its marks; of code before the first one, an empty text. */
export function headingAbove(markdown: string, line: number): string {
  const before = withoutCode(markdown).split('\n').slice(0, line).join('\n');
  return [...before.matchAll(HEADING)].at(-1)?.[1] ?? '';
}

/** What stands under a heading, up to the next one. */
export function sectionOf(markdown: string, heading: string): string {
  const prose = withoutCode(markdown);
  const headings = [...prose.matchAll(HEADING)];
  const index = headings.findIndex(([, title]) => title === heading);
  if (index < 0) throw new Error(`There is no heading "${heading}"`);
  return markdown.slice(headings[index]?.index, headings[index + 1]?.index);
}

/** Rows of the table whose first column has this title, as the texts of their cells. */
export function tableOf(section: string, title: string): string[][] {
  const lines = section.split('\n');
  const start = lines.findIndex((line) => new RegExp(`^\\| ${title} +\\|`).test(line));
  if (start < 0) throw new Error(`There is no table of "${title}"`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end < 0 ? undefined : end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** The texts in backticks of a cell. */
export function codeIn(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');
}

/** Names by which a link can point to a heading, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(HEADING)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The same text with the lines of code empty, so that none of them reads as markdown. */
export function withoutCode(markdown: string): string {
  return markdown.replaceAll(FENCE, (block) => block.replaceAll(/[^\n]/g, ' '));
}
