import { expectedResults } from '../package/matrix/expected-results.js';
import { LIMITS } from '../package/matrix/limits.js';
import { NEEDED_PEERS, NESTS, pinned } from '../package/matrix/packages.js';
import { tableOf as matrixTable } from '../package/matrix/table.js';
import { blocksOf, codeIn, read, sectionOf, tableOf } from './markdown.js';

const document = read('docs/compatibility.md');
const beginning = sectionOf(document, 'Compatibility');

describe('docs/compatibility.md', () => {
  it('shows the matrix as it is tried', () => {
    const matrix = matrixTable(expectedResults());
    expect(tableOf(beginning, 'check')).toEqual(tableOf(matrix, 'check'));
    const header = /^\| check .*$/m.exec(beginning)?.[0].replaceAll(/ +/g, ' ');
    expect(header).toBe(matrix.split('\n')[0]);
  });

  it('gives the reason for each cell that cannot work', () => {
    const prose = document.replaceAll(/\s+/g, ' ');
    for (const { project, check, reason } of LIMITS) {
      expect(prose).toContain(`- ${project}, by ${check}: ${reason}`);
    }
  });

  it('names the versions that are tried', () => {
    for (const [cell, ...versions] of tableOf(beginning, 'package')) {
      const [name = ''] = codeIn(cell);
      expect(versions).toEqual(NESTS.map((nest) => pinned(nest, [name])[name]));
    }
  });

  it('says which entry point needs which peer', () => {
    const rows = tableOf(sectionOf(document, 'Peers'), 'entry point');
    const needs = rows.map(([entryPoint, peer]) => [codeIn(entryPoint)[0], codeIn(peer)[0]]);
    expect(needs).toEqual(Object.entries(NEEDED_PEERS).map(([name, [peer]]) => [`/${name}`, peer]));
  });

  it('shows settings of compiler and tests that are tried', () => {
    const shown = ['Compilers', 'Jest']
      .flatMap((heading) => blocksOf(sectionOf(document, heading)))
      .map(({ code }) => code);
    expect(shown).toEqual(
      ['swc/.swcrc', 'jest-nest-12/jest.config.cjs', 'jest-es-modules/jest.config.cjs'].map(
        (file) => read(`test/package/fixtures/${file}`),
      ),
    );
  });
});
