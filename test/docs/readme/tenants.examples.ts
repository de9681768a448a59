import type { Type } from '@nestjs/common';
import { currentTenant } from 'nestjs-redis-cache';
import { CacheApps } from '../../support/cache-apps.js';
import type { Guide } from '../guide.js';

interface WhoAmI {
  readonly AppModule: Type;
}

interface OutsideHttp {
  handle(job: { organizationId: string; leadId: string }): Promise<void>;
}

export function tenantExamples(guide: Guide): void {
  const whoAmI = guide.program<WhoAmI>('Tenants');
  const outsideHttp = guide.program<OutsideHttp>('Tenants', 1);

  describe('tenants', () => {
    const apps = new CacheApps();

    it.each(['express', 'fastify'] as const)(
      'has a context that a guard fills in, on %s',
      async (http) => {
        const { nest } = await apps.boot({ http, imports: [whoAmI.run().AppModule] });
        await nest.listen(0, '127.0.0.1');
        const response = await fetch(`${await nest.getUrl()}/whoami`);
        expect(await response.text()).toBe('acme');
      },
    );

    it('has work outside of HTTP whose tenant is known', async () => {
      const { handle } = outsideHttp.run();
      const seen: unknown[] = [];
      const log = jest.spyOn(console, 'log').mockImplementation((...said) => {
        seen.push([currentTenant(), ...said]);
      });
      await handle({ organizationId: 'acme', leadId: '7' });
      log.mockRestore();
      expect(seen).toEqual([['acme', 'everything awaited in here is for acme', '7']]);
      expect(currentTenant()).toBeUndefined();
    });
  });
}
