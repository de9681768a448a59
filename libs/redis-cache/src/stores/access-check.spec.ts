import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const commandsIn = (source: string, pattern: RegExp): string[] =>
  [...new Set([...source.matchAll(pattern)].map(([, name = '']) => name))].sort();

const sourceOf = (file: string): string => readFileSync(join(__dirname, file), 'utf8');

describe('the check of permissions', () => {
  it('tries every command of the scripts but the one that may be missing, and that of reads', () => {
    const used = commandsIn(sourceOf('far.scripts.ts'), /\b(?:call|pcall|try)\('([A-Z]+)'/g);
    const tried = commandsIn(sourceOf('access-check.ts'), /\{ '([A-Z]+)'/g);
    expect([...tried, 'PUBLISH'].sort()).toEqual([...new Set([...used, 'MGET'])].sort());
  });
});
