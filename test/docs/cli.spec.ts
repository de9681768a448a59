import type { Command } from 'commander';
import { EXIT } from '../../libs/redis-cache/src/cli/exit-codes.js';
import { createProgram } from '../../libs/redis-cache/src/cli/program.js';
import { codeStyleOf } from '../../libs/redis-cache/src/project/code-style.js';
import { configFile } from '../../libs/redis-cache/src/project/config-file.js';
import { FakeTerminal } from '../cli/support/fake-terminal.js';
import { blocksOf, codeIn, read, sectionOf, tableOf } from './markdown.js';

const document = read('docs/cli.md');
const { commands } = createProgram(new FakeTerminal(), '', () => Promise.resolve());
const flagsOf = (command: Command | undefined) => command?.options.map(({ flags }) => flags) ?? [];
const named = (name: string) => commands.find((command) => command.name() === name);
const documented = (heading: string, title: string) =>
  tableOf(sectionOf(document, heading), title).map(([cell]) => codeIn(cell)[0] ?? '');

/** What all commands take that ask Redis. */
const shared = flagsOf(named('health'));
const entry = flagsOf(named('inspect')).filter((flag) => !shared.includes(flag));

describe('docs/cli.md', () => {
  it('lists every command', () => {
    expect(documented('Command line', 'command')).toEqual([
      'init',
      'health',
      'stats',
      'monitor',
      'tenants',
      'inspect',
      'validate',
      'clear',
      'warm',
    ]);
    expect(documented('Command line', 'command').sort()).toEqual(
      commands.map((command) => command.name()).sort(),
    );
  });

  it('lists every flag that commands share', () => {
    expect(documented('Where Redis is', 'flag').sort()).toEqual([...shared].sort());
  });

  it.each(['init', 'stats', 'monitor', 'tenants', 'inspect', 'clear', 'warm'])(
    'lists every flag of %s',
    (name) => {
      const known = name === 'clear' ? [...shared, ...entry] : shared;
      const own = flagsOf(named(name)).filter((flag) => !known.includes(flag));
      expect(documented(name, 'flag').sort()).toEqual(own.sort());
    },
  );

  it('shows the options that init writes', () => {
    const [shown] = blocksOf(sectionOf(document, 'init')).filter(
      ({ language }) => language === 'ts',
    );
    expect(shown?.code).toBe(configFile('crm', false, codeStyleOf('')));
  });

  it('says what every exit code means', () => {
    expect(documented('Exit codes', 'code').map(Number)).toEqual(Object.values(EXIT));
  });
});
