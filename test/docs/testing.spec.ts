import { Test } from '@nestjs/testing';
import { CacheService } from 'nestjs-redis-cache';
import {
  cacheMatchers,
  expectCached,
  RedisCacheTestingModule,
  TestCache,
} from 'nestjs-redis-cache/testing';
import { describeGuide } from './guide.js';
import { blocksOf, codeIn, tableOf } from './markdown.js';

describeGuide('docs/testing.md', (guide) => {
  // Its code has tests, and they are among those here.
  for (const program of guide.programs()) program.run();

  it('lists every matcher', () => {
    const listed = tableOf(guide.text, 'matcher').map(([cell]) => codeIn(cell)[0]?.split('(')[0]);
    expect(listed).toEqual(Object.keys(cacheMatchers));
  });

  it('shows what a matcher says that fails', async () => {
    const imports = [RedisCacheTestingModule.forRoot()];
    const module = await Test.createTestingModule({ imports }).compile();
    const leads = module.get(CacheService).forTenant('acme').cache('lead.nameByPhone');
    await leads.set('+1555', 'Ada');
    const [said] = blocksOf(guide.text).filter(({ language }) => language === 'text');
    expect(() => {
      expectCached(module.get(TestCache), 'lead.nameByPhone', '+1556', { tenant: 'acme' });
    }).toThrow(new Error(said?.code.trimEnd()));
    await module.close();
  });
});
