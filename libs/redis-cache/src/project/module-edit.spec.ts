import ts from 'typescript';
import { importCache } from './module-edit.js';

const OPTIONS = { name: 'redisCacheConfig', from: './redis-cache.config' };

function edit(text: string, moduleClass?: string): string {
  const file = { name: 'app.module.ts', text, moduleClass };
  const result = importCache(ts, file, OPTIONS);
  return result.kind === 'edited' ? result.text : `refused: ${result.reason}`;
}

/** A module with the usual imports above it. */
const moduleWith = (body: string) => `import { Module } from '@nestjs/common';
import { AppService } from './app.service';

${body}
export class AppModule {}
`;

const withCache = (body: string) => `import { Module } from '@nestjs/common';
import { RedisCacheModule } from 'nestjs-redis-cache';
import { AppService } from './app.service';
import { redisCacheConfig } from './redis-cache.config';

${body}
export class AppModule {}
`;

describe('importing the cache into a module', () => {
  it.each([
    [
      'an empty list',
      `@Module({\n  imports: [],\n  providers: [AppService],\n})`,
      `@Module({\n  imports: [RedisCacheModule.forRootAsync(redisCacheConfig)],\n  providers: [AppService],\n})`,
    ],
    [
      'no list',
      `@Module({\n  // What it does.\n  providers: [AppService],\n})`,
      `@Module({\n  imports: [RedisCacheModule.forRootAsync(redisCacheConfig)],\n  // What it does.\n  providers: [AppService],\n})`,
    ],
    [
      'no list, in one line',
      `@Module({ providers: [] })`,
      `@Module({\n  imports: [RedisCacheModule.forRootAsync(redisCacheConfig)],\n  providers: [],\n})`,
    ],
    [
      'nothing at all',
      `@Module({})`,
      `@Module({\n  imports: [RedisCacheModule.forRootAsync(redisCacheConfig)],\n})`,
    ],
    [
      'a comment alone',
      `@Module({\n  imports: [\n    // none yet\n  ],\n})`,
      `@Module({\n  imports: [\n    // none yet\n    RedisCacheModule.forRootAsync(redisCacheConfig),\n  ],\n})`,
    ],
    [
      'a list in one line',
      `@Module({\n  imports: [A],\n})`,
      `@Module({\n  imports: [A, RedisCacheModule.forRootAsync(redisCacheConfig)],\n})`,
    ],
    [
      'a list in one line with a comma at its end',
      `@Module({\n  imports: [A,],\n})`,
      `@Module({\n  imports: [A, RedisCacheModule.forRootAsync(redisCacheConfig),],\n})`,
    ],
    [
      'a list that would become too long for its line',
      `@Module({\n  imports: [ConfigModule.forRoot({ isGlobal: true }), B],\n})`,
      `@Module({\n  imports: [\n    ConfigModule.forRoot({ isGlobal: true }),\n    B,\n    RedisCacheModule.forRootAsync(redisCacheConfig),\n  ],\n})`,
    ],
    [
      'a list of several lines',
      `@Module({\n  imports: [\n    A,\n    B.forRoot({\n      b: 1,\n    }), // for b\n    // and more\n  ],\n})`,
      `@Module({\n  imports: [\n    A,\n    B.forRoot({\n      b: 1,\n    }), // for b\n    RedisCacheModule.forRootAsync(redisCacheConfig),\n    // and more\n  ],\n})`,
    ],
    [
      'a list of several lines without a comma at its end',
      `@Module({\n  imports: [\n    A,\n    B /* , */ // b\n  ]\n})`,
      `@Module({\n  imports: [\n    A,\n    B, /* , */ // b\n    RedisCacheModule.forRootAsync(redisCacheConfig)\n  ]\n})`,
    ],
    [
      'a list whose last item begins in the line of another',
      `@Module({\n  imports: [A.forRoot({\n    a: 1,\n  }), B],\n})`,
      `@Module({\n  imports: [A.forRoot({\n    a: 1,\n  }), B, RedisCacheModule.forRootAsync(redisCacheConfig)],\n})`,
    ],
    [
      'a comment behind the last item',
      `@Module({\n  imports: [A // first\n  ],\n})`,
      `@Module({\n  imports: [A, // first\n    RedisCacheModule.forRootAsync(redisCacheConfig)\n  ],\n})`,
    ],
    [
      'a list with another spread into it',
      `@Module({\n  imports: [...features],\n})`,
      `@Module({\n  imports: [...features, RedisCacheModule.forRootAsync(redisCacheConfig)],\n})`,
    ],
    [
      'a list behind something spread',
      `@Module({\n  ...base,\n  'imports': [A],\n})`,
      `@Module({\n  ...base,\n  'imports': [A, RedisCacheModule.forRootAsync(redisCacheConfig)],\n})`,
    ],
  ])('goes on as it is written: %s', (_what, before, after) => {
    expect(edit(moduleWith(before))).toBe(withCache(after));
  });

  it('writes quotes, line ends, indentation and semicolons as the file does', () => {
    const before = `import { Module } from "@nestjs/common" // Nest\n\n@Module({\n\timports: [\n\t\tA,\n\t],\n})\nexport class AppModule {}`;
    const after = `import { Module } from "@nestjs/common" // Nest\nimport { RedisCacheModule } from "nestjs-redis-cache"\nimport { redisCacheConfig } from "./redis-cache.config"\n\n@Module({\n\timports: [\n\t\tA,\n\t\tRedisCacheModule.forRootAsync(redisCacheConfig),\n\t],\n})\nexport class AppModule {}`;
    expect(edit(before)).toBe(after);
    const crlf = (text: string) => text.replaceAll('\n', '\r\n');
    expect(edit(`\uFEFF${crlf(before)}`)).toBe(`\uFEFF${crlf(after)}`);
  });

  it('takes a name into an import of the library that is there, unless that is of types', () => {
    const of = (clause: string) => `import ${clause} from 'nestjs-redis-cache';\n`;
    const rest = `import { Module as M } from '@nestjs/common';\n@M({ imports: [] })\nclass Root {}\n`;
    const first = (text: string) => text.split(/(?<=redis-cache';\n)/)[0];
    expect(first(edit(of('{ Cacheable }') + rest))).toBe(of('{ Cacheable, RedisCacheModule }'));
    expect(first(edit(of('{\n  Cacheable,\n}') + rest))).toBe(
      of('{\n  Cacheable,\n  RedisCacheModule,\n}'),
    );
    expect(edit(of('type { Cache }') + rest)).toContain(
      of('type { Cache }') +
        `import { Module as M } from '@nestjs/common';\n` +
        of('{ RedisCacheModule }'),
    );
    expect(first(edit(of('{ RedisCacheModule }') + rest))).toBe(of('{ RedisCacheModule }'));
  });

  it('edits the class that is meant, of several', () => {
    const several = (first: string, second: string) =>
      `@Module({ ${first} })\nclass UsersModule {}\n\n@Injectable()\nclass Other {}\n\n@Module({ ${second} })`;
    const added = 'imports: [RedisCacheModule.forRootAsync(redisCacheConfig)]';
    const none = 'imports: []';
    expect(edit(moduleWith(several(none, none)))).toBe(withCache(several(none, added)));
    expect(edit(moduleWith(several(none, none)), 'UsersModule')).toBe(
      withCache(several(added, none)),
    );
    expect(edit(moduleWith(several(none, none)), 'Missing')).toBe(
      'refused: it has no module Missing, but UsersModule, AppModule',
    );
    expect(edit(moduleWith(several(none, none)).replace('AppModule', 'Root'))).toBe(
      'refused: it has the modules UsersModule, Root: name one, by --module <file>#<class>',
    );
  });

  it.each([
    ['@Module(metadata)', 'its @Module() is not given an object written there'],
    ['@Module()', 'its @Module() is not given an object written there'],
    ['@Module({ imports: modules })', 'its imports are not an array written there'],
    ['@Module({ imports })', 'its imports are not an array written there'],
    ['@Module({ imports: [], ...base })', 'something is spread into its @Module(), which may'],
    ['@Module({ ...base })', 'something is spread into its @Module(), which may'],
    ['@Other({ imports: [] })', 'it has no class with @Module() of @nestjs/common'],
    ['@Module({ imports: [ })', 'it has errors of syntax'],
    ['const redisCacheConfig = 1;\n@Module({})', 'it has something else called redisCacheConfig'],
    ['class RedisCacheModule {}\n@Module({})', 'it has something else called RedisCacheModule'],
  ])('refuses what it cannot know: %s', (body, reason) => {
    expect(edit(moduleWith(body))).toContain(`refused: ${reason}`);
  });
});
