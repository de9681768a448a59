import type { Command } from 'commander';
import type { RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { EXIT } from '../../libs/redis-cache/src/cli/exit-codes.js';
import { createProgram } from '../../libs/redis-cache/src/cli/program.js';
import { codeStyleOf } from '../../libs/redis-cache/src/project/code-style.js';
import { configFile } from '../../libs/redis-cache/src/project/config-file.js';
import { FakeTerminal } from '../cli/support/fake-terminal.js';
import { describeGuide } from './guide.js';
import { codeIn, sectionOf, tableOf } from './markdown.js';

const { commands } = createProgram(new FakeTerminal(), '', () => Promise.resolve());
const flagsOf = (command: Command | undefined) => command?.options.map(({ flags }) => flags) ?? [];
const named = (name: string) => commands.find((command) => command.name() === name);
/** What all commands take that ask Redis. */
const shared = flagsOf(named('health'));
const entry = flagsOf(named('inspect')).filter((flag) => !shared.includes(flag));

interface Options {
  readonly redisCacheConfig: { readonly useFactory: () => RedisCacheModuleOptions };
}

describeGuide('docs/cli.md', (guide) => {
  const init = guide.program<Options>('init');
  const documented = (heading: string, title: string) =>
    tableOf(sectionOf(guide.text, heading), title).map(([cell]) => codeIn(cell)[0] ?? '');

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

  it('shows the options that init writes, which follow the environment', () => {
    expect(init.code).toBe(configFile('crm', false, codeStyleOf('')));
    const { redisCacheConfig } = init.run();
    const url = String(process.env.REDIS_URL);
    expect(optionsIn({ REDIS_URL: url, CACHE_PREFIX: 'shop' })).toEqual({
      connection: { url },
      far: true,
      prefix: 'shop',
      caches: {},
    });
    expect(optionsIn({ REDIS_URL: '', CACHE_PREFIX: '' })).toEqual({
      connection: { url: 'redis://localhost:6379' },
      far: true,
      prefix: 'crm',
      caches: {},
    });
    const out = { REDIS_ENABLED: 'false' };
    expect(optionsIn(out)).toMatchObject({ connection: false, far: false });
    expect(optionsIn({ ...out, REDIS_URL: url })).toMatchObject({
      connection: { url },
      far: false,
    });

    function optionsIn(env: NodeJS.ProcessEnv) {
      jest.replaceProperty(process, 'env', env);
      const options = redisCacheConfig.useFactory();
      jest.restoreAllMocks();
      return options;
    }
  });

  it('says what every exit code means', () => {
    expect(documented('Exit codes', 'code').map(Number)).toEqual(Object.values(EXIT));
  });
});
