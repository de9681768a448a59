import { CacheApps } from '../support/cache-apps.js';
import { bootPrices, type Answer, type Behind } from './support/price-apps.js';

const BEHIND: readonly Behind[] = ['a Map', 'memory', 'redis'];
const HTTP = ['express', 'fastify'] as const;

const price = (symbol: string, cents: number) => ({ symbol, cents });

describe.each(HTTP.flatMap((http) => BEHIND.map((behind) => [http, behind] as const)))(
  'code written against @nestjs/cache-manager (%s, %s)',
  (http, behind) => {
    const apps = new CacheApps();

    it('answers the same, whatever is behind CACHE_MANAGER and Cache', async () => {
      const app = await bootPrices(apps, behind, { http });
      const bodies: unknown[] = [];
      const told: (string | null)[] = [];
      const note = ({ body, cached }: Answer): void => {
        bodies.push(body);
        told.push(cached);
      };
      for (const path of ['service/A', 'wrapped/A', 'response/A', 'named', 'file']) {
        note(await app.get(path, 'acme'));
        const key = { 'response/A': '/prices/response/A', named: 'all-prices' }[path];
        if (key) await app.stored(key, 'acme');
        note(await app.get(path, 'acme'));
      }
      note(await app.post('response/A', 'acme'));
      note(await app.get('all/X,Y,Z', 'acme'));
      note(await app.get('last/A', 'acme'));
      note(await app.get('last/B', 'acme'));
      note(await app.post('forget/A', 'acme'));
      note(await app.post('forget/A', 'acme'));
      note(await app.get('service/A', 'acme'));
      note(await app.post('forget', 'acme'));
      note(await app.get('wrapped/A', 'acme'));
      note(await app.get('response/A', 'acme'));

      expect(bodies).toEqual([
        ...[price('A', 1), price('A', 1)],
        ...[price('A', 2), price('A', 2)],
        ...[price('A', 3), price('A', 3)],
        ...[price('named', 4), price('named', 4)],
        ...['file 5', 'file 6'],
        price('A', 7),
        [price('X', 8), null, price('Z', 10)],
        ...[{ before: null }, { before: 'A' }],
        ...[{ done: true }, { done: true }],
        price('A', 11),
        { done: true },
        ...[price('A', 12), price('A', 13)],
      ]);
      const [miss, hit, none] = ['MISS', 'HIT', null];
      expect(told).toEqual([
        ...[none, none, none, none, miss, hit, miss, hit, miss, miss],
        ...[none, none, none, none, none, none, none, none, none, miss],
      ]);
    });
  },
);
