import { Injectable } from '@nestjs/common';
import { Cacheable, runWithTenant } from 'nestjs-redis-cache';
import { MapCache } from '../contenders/map.js';
import { MAP, OWN } from '../contenders/names.js';
import { OwnApp, TENANT } from '../contenders/own.js';
import { leadOf, type Lead } from '../data/leads.js';
import type { Bench } from '../measure/bench.js';
import { hold, type Contestant } from '../measure/contest.js';
import { oneByOne } from '../measure/loops.js';
import type { Workload } from '../measure/workload.js';

@Injectable()
class LeadService {
  @Cacheable('lead.shared', { near: { share: true, ttl: '1h' } })
  async shared(id: string): Promise<Lead> {
    return Promise.resolve(leadOf(Number(id)));
  }

  @Cacheable('lead.copied', { near: { ttl: '1h' } })
  async copied(id: string): Promise<Lead> {
    return Promise.resolve(leadOf(Number(id)));
  }
}

export const decorated: Workload = {
  name: 'decorated',
  title: 'Call of a decorated method, near hit',
  method:
    'A method with `@Cacheable`, called again and again with one argument. The tenant comes from the ' +
    'context, the key from the argument.',
  chart: { measure: 'timeNs', scale: 'linear', note: 'time of a call, less is better' },
  measure: async (bench) => {
    const map = mapOf();
    return [
      await hold(bench, {
        id: 'decorated/share',
        title: 'one shared object',
        reference: MAP,
        clock: 'cpu',
        expected: leadOf(1),
        contestants: [map, own(bench, 'shared')],
      }),
      await hold(bench, {
        id: 'decorated/copy',
        title: 'a copy for each caller',
        reference: MAP,
        clock: 'cpu',
        expected: leadOf(1),
        contestants: [map, own(bench, 'copied')],
      }),
    ];
  },
};

function mapOf(): Contestant {
  return {
    name: MAP,
    prepare() {
      const cache = new MapCache<Lead>();
      const load = (): Promise<Lead> => Promise.resolve(leadOf(1));
      const answer = (): Promise<Lead> => cache.getOrLoad('acme:lead:1', load);
      return { run: oneByOne(answer), answer };
    },
  };
}

function own(bench: Bench, method: keyof LeadService): Contestant {
  return {
    name: OWN,
    async prepare() {
      const app = await OwnApp.withRedis(bench, {}, {}, { providers: [LeadService] });
      const leads = app.app.get(LeadService);
      const run = oneByOne(() => leads[method]('1'));
      return {
        run: (operations) => runWithTenant(TENANT, () => run(operations)),
        answer: () => runWithTenant(TENANT, () => leads[method]('1')),
        close: () => app.close(),
      };
    },
  };
}
