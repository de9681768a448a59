import { CACHE_MANAGER, CacheInterceptor, type Cache } from '@nestjs/cache-manager';
import {
  Controller,
  Get,
  Headers,
  UseInterceptors,
  type DynamicModule,
  type Type,
} from '@nestjs/common';
import { runWithTenant } from 'nestjs-redis-cache';
import { eventually } from '../integration/support/eventually.js';
import { RecordingLogger } from '../module/support/recording-logger.js';
import type { Walked } from './cache-manager-walk.program.js';
import { fieldsOf } from './declared-fields.js';
import { entriesInRedis } from './entries-in-redis.js';
import { GuideApps, type GuideApp } from './guide-app.js';
import { describeGuide } from './guide.js';
import { codeIn, sectionOf, tableOf } from './markdown.js';
import { runGuide } from './run-guide.js';
import { SignInModule } from './sign-in.module.js';

const WALK_TIMEOUT_MS = 90_000;

interface Responses {
  readonly manager: DynamicModule;
}

interface Values {
  readonly cache: DynamicModule;
  readonly Invoice: Type<{ cents: number }>;
}

const lead = (phone: string, reads: number) => ({ phone, name: `lead ${String(reads)}` });

describeGuide('docs/migrating-from-cache-manager.md', (guide) => {
  const sources = ['Before', '5. Move on to decorators', 'Keyv'].map(
    (it) => guide.program(it).code,
  );

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

  describe('an application with its later steps', () => {
    const apps = new GuideApps();
    const responses = guide.program<Responses>('3. Say whose responses are whose');
    const values = guide.program<Values>('4. Name the classes of your values');

    @Controller('me')
    class MeController {
      private asked = 0;

      @Get()
      @UseInterceptors(CacheInterceptor)
      me(@Headers('x-user') user = 'nobody') {
        return { user, asked: ++this.asked };
      }
    }

    it('has responses of each user, and none of whom it does not know', async () => {
      const imports = [SignInModule, values.run().cache, responses.run().manager];
      const app = await apps.boot({ imports, controllers: [MeController] });
      const ask = async (user?: string) => {
        const headers = { authorization: 'Bearer token', 'x-tenant': 'acme' };
        const known = user === undefined ? undefined : { 'x-user': user };
        return (await app.ask('/me', { headers: { ...headers, ...known } })).body;
      };
      const first = [await ask('ada'), await ask('bob'), await ask()];
      expect(first).toEqual([
        { user: 'ada', asked: 1 },
        { user: 'bob', asked: 2 },
        { user: 'nobody', asked: 3 },
      ]);
      // The interceptor stores a response behind it.
      await eventually('responses stored', async () => {
        return (await entriesInRedis(apps.prefix)).length === 2;
      });
      expect(await entriesInRedis(apps.prefix)).toEqual([
        '{acme/cache-manager@1/ada%20%2Fme}',
        '{acme/cache-manager@1/bob%20%2Fme}',
      ]);
      expect([await ask('ada'), await ask('bob')]).toEqual(first.slice(0, 2));
      expect(await ask()).toEqual({ user: 'nobody', asked: 4 });
    });

    it('has instances of the class that it names, and stores none of others', async () => {
      const { cache, Invoice } = values.run();
      const { manager } = responses.run();
      const logger = new RecordingLogger();
      const [one, other] = [
        await apps.boot({ imports: [cache, manager] }, logger),
        await apps.boot({ imports: [cache, manager] }, logger),
      ];
      const of = ({ nest }: GuideApp) => nest.get<Cache>(CACHE_MANAGER);
      const invoice = Object.assign(new Invoice(), { cents: 42 });
      await runWithTenant('acme', async () => {
        await of(one).set('invoice', invoice);
        for (const app of [one, other]) {
          const found = await of(app).get('invoice');
          expect(found).toBeInstanceOf(Invoice);
          expect(found).toEqual(invoice);
        }
        class Unnamed {
          cents = 1;
        }
        for (const key of ['one', 'two']) {
          const wrapped = await of(one).wrap(key, () => Promise.resolve(new Unnamed()));
          expect(wrapped).toEqual(new Unnamed());
        }
      });
      expect(await entriesInRedis(apps.prefix)).toEqual(['{acme/cache-manager@1/invoice}']);
      expect(logger.of('warn')).toHaveLength(1);
    });
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
