import { CacheService, type CacheStatistics } from 'nestjs-redis-cache';
import { createApplication } from '../application.js';
import { QueryCounter } from '../database/query-counter.js';

/** What the app under test tells the demo, which started it by `fork`. */
export type Report =
  { readonly url: string } | { readonly queries: number; readonly cache: CacheStatistics };

async function main(): Promise<void> {
  const app = await createApplication();
  await app.listen(0, '127.0.0.1');
  const tell = (report: Report): void => void process.send?.(report);
  process.on('message', () => {
    tell({ queries: app.get(QueryCounter).count, cache: app.get(CacheService).getStats() });
  });
  process.once('disconnect', () => void app.close());
  tell({ url: await app.getUrl() });
}

void main();
