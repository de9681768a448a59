import { CACHE_MANAGER, CacheInterceptor, type Cache as Manager } from '@nestjs/cache-manager';
import {
  Controller,
  Get,
  Req,
  UseInterceptors,
  type DynamicModule,
  type Type,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { runWithTenant } from 'nestjs-redis-cache';
import { CacheManagerModule } from 'nestjs-redis-cache/cache-manager';
import { CacheApps } from '../support/cache-apps.js';
import type { Walked } from './cache-manager-walk.program.js';
import { fieldsOf } from './declared-fields.js';
import { describeGuide } from './guide.js';
import { codeIn, sectionOf, tableOf } from './markdown.js';
import { runGuide } from './run-guide.js';

interface ByUser {
  readonly manager: DynamicModule;
}

interface ByClass {
  readonly cache: DynamicModule;
  readonly Invoice: Type<object>;
}

interface UserRequest {
  readonly headers: Record<string, string | undefined>;
  user: { id: string | undefined };
}

const WALK_TIMEOUT_MS = 90_000;

const lead = (phone: string, reads: number) => ({ phone, name: `lead ${String(reads)}` });

describeGuide('docs/migrating-from-cache-manager.md', (guide) => {
  const sources = ['Before', '5. Move on to decorators', 'Keyv'].map(
    (heading) => guide.program(heading).code,
  );
  const byUser = guide.program<ByUser>('3. Say whose responses are whose');
  const byClass = guide.program<ByClass>('4. Name the classes of your values');
  const apps = new CacheApps();

  it(
    'has code that answers the same behind either module, and that works in its later steps',
    async () => {
      const walked = await runGuide<Walked>('cache-manager-walk', sources);
      const answers = [lead('1', 1), lead('1', 1), null, lead('1', 2), lead('2', 3)];
      expect(walked).toEqual({
        old: answers,
        swapped: answers,
        otherTenant: [lead('1', 4), lead('1', 4), null, lead('1', 5), lead('2', 6)],
        decorated: [1, 1, 2].map((load) => ({ phone: '1', load })),
        keyv: ['v', null],
      });
    },
    WALK_TIMEOUT_MS,
  );

  it('has responses that belong to who asks', async () => {
    @Controller('me')
    @UseInterceptors(CacheInterceptor)
    class MeController {
      answers = 0;

      @Get()
      me(@Req() request: UserRequest) {
        this.answers += 1;
        return `${String(request.user.id)} ${this.answers}`;
      }
    }
    const { nest } = await apps.boot({
      imports: [byUser.run().manager],
      controllers: [MeController],
      cache: { tenant: { resolve: () => 'acme' } },
      prepare: (app) =>
        app.use((request: UserRequest, _response: unknown, next: () => void) => {
          request.user = { id: request.headers['x-user'] };
          next();
        }),
    });
    await nest.listen(0, '127.0.0.1');
    const answers: string[] = [];
    for (const user of ['ada', 'bob', 'ada', 'bob']) {
      const headers = { authorization: `Bearer ${user}`, 'x-user': user };
      answers.push(await (await fetch(`${await nest.getUrl()}/me`, { headers })).text());
    }
    expect(answers).toEqual(['ada 1', 'bob 2', 'ada 1', 'bob 2']);
  });

  it('has instances of a class that is named', async () => {
    const { cache, Invoice } = byClass.run();
    const imports = [cache, CacheManagerModule.register()];
    const app = await (await Test.createTestingModule({ imports }).compile()).init();
    const manager = app.get<Manager>(CACHE_MANAGER, { strict: false });
    const load = jest.fn(async () => Object.assign(new Invoice(), { cents: 250 }));
    const ask = () => runWithTenant('acme', () => manager.wrap('invoice', load));
    await ask();
    const hit = await ask();
    expect(load).toHaveBeenCalledTimes(1);
    expect(hit).toBeInstanceOf(Invoice);
    expect(hit).toMatchObject({ cents: 250 });
    await app.close();
  });

  it.each([
    ['Options', 'cache-manager/cache-manager.options.ts', 'CacheManagerOptions'],
    ['Keyv', 'cache-manager/keyv-cache.adapter.ts', 'KeyvCacheAdapterOptions'],
  ])('%s: lists every option, with its default', (heading, path, name) => {
    const rows = tableOf(sectionOf(guide.text, heading), 'option');
    const listed = rows.map(([option, value = '']) => [
      codeIn(option)[0],
      codeIn(value)[0] ?? value,
    ]);
    expect(listed).toEqual(fieldsOf(path, name).map((field) => [field.name, field.default]));
  });
});
