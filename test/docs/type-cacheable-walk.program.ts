/** Runs the code of docs/migrating-from-type-cacheable.md; the spec beside it starts this. */

import { Injectable, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheClear } from '@type-cacheable/core';
import type { Redis } from 'ioredis';
import { CacheEvict, CacheService } from 'nestjs-redis-cache';
import { inMode } from '../integration/support/cache-app.js';

interface Lead {
  readonly phone: string;
  readonly status: string;
}

interface Reader {
  byPhone(organization: string, phone: string): Promise<Lead | null>;
  search(organization: string, status: string): Promise<Lead[]>;
}

interface Writer {
  setStatus(organization: string, phone: string, status: string): Promise<Lead>;
  remove(organization: string, phone: string): Promise<void>;
}

interface Services {
  readonly LeadStore: Type;
  readonly LeadReader: Type<Reader>;
  readonly LeadWriter: Type<Writer>;
}

/** What the steps export up to the third, and what `Services` the fourth does. */
interface Old extends Services {
  readonly LeadWriterOfBoth: Type<Writer>;
  readonly redis: Redis;
  readonly cache: DynamicModule;
}

/** What was answered, and how many reads of the store it took. */
export interface Walked {
  readonly old: Seen;
  readonly moved: Seen;
  readonly otherTenant: Seen;
  /** Status by the old reader and by the new one, before and after each change. */
  readonly meanwhile: unknown[];
  /** Loads of an entry of each cache, before and after a method that has the old decorator above. */
  readonly theirsAbove: unknown[];
}

interface Seen {
  readonly answers: unknown[];
  readonly reads: number;
}

/** The database of the guide. */
class Leads {
  reads = 0;
  private readonly rows = new Map<string, Lead>();

  byPhone(organization: string, phone: string): Promise<Lead | null> {
    this.reads += 1;
    return Promise.resolve(this.rows.get(`${organization}/${phone}`) ?? null);
  }

  search(organization: string, status: string): Promise<Lead[]> {
    this.reads += 1;
    const own = [...this.rows].filter(([key]) => key.startsWith(`${organization}/`));
    return Promise.resolve(own.map(([, lead]) => lead).filter((lead) => lead.status === status));
  }

  setStatus(organization: string, phone: string, status: string): Promise<Lead> {
    const lead = { phone, status };
    this.rows.set(`${organization}/${phone}`, lead);
    return Promise.resolve(lead);
  }

  remove(organization: string, phone: string): Promise<void> {
    this.rows.delete(`${organization}/${phone}`);
    return Promise.resolve();
  }
}

@Injectable()
class TheirsAbove {
  @CacheClear({ cacheKey: ([organization, phone]) => `${organization}/${phone}`, hashKey: 'leads' })
  @CacheEvict('lead.byPhone', {
    tenant: (organization: string) => organization,
    key: (_organization: string, phone: string) => phone,
  })
  imported(_organization: string, _phone: string): Promise<void> {
    return Promise.resolve();
  }
}

async function use(leads: Leads, reader: Reader, writer: Writer, org: string): Promise<Seen> {
  const before = leads.reads;
  await leads.setStatus(org, '1', 'new');
  const answers = [await reader.byPhone(org, '1'), await reader.byPhone(org, '1')];
  const found = [await reader.search(org, 'won'), await reader.search(org, 'won')];
  await writer.setStatus(org, '1', 'won');
  answers.push(await reader.byPhone(org, '1'));
  found.push(await reader.search(org, 'won'));
  await writer.remove(org, '1');
  answers.push(await reader.byPhone(org, '1'), await reader.byPhone(org, '1'));
  found.push(await reader.search(org, 'won'));
  return { answers: [...answers, ...found], reads: leads.reads - before };
}

async function useBoth(leads: Leads, old: Reader, moved: Reader, writer: Writer) {
  const look = async () =>
    [await old.byPhone('initech', '1'), await moved.byPhone('initech', '1')].map(
      (lead) => lead?.status,
    );
  await leads.setStatus('initech', '1', 'new');
  const seen = [await look(), await look()];
  await writer.setStatus('initech', '1', 'won');
  seen.push(await look(), await look());
  await writer.remove('initech', '1');
  seen.push(await look());
  return seen.map(([byOld = 'none', byNew = 'none']) => `${byOld} ${byNew}`);
}

async function useTheirsAbove(leads: Leads, readers: readonly Reader[], writer: TheirsAbove) {
  const loads = async (reader: Reader) => {
    const before = leads.reads;
    await reader.byPhone('umbrella', '1');
    return leads.reads - before;
  };
  const both = async () => [await loads(readers[0]!), await loads(readers[1]!)];
  await leads.setStatus('umbrella', '1', 'new');
  const seen = [await both(), await both()];
  await writer.imported('umbrella', '1');
  return [...seen, await both()];
}

/** Prints what it has seen, for the spec. */
export async function walk(old: Old, moved: Services): Promise<void> {
  const leads = new Leads();
  const app = await NestFactory.createApplicationContext(
    {
      module: class LeadsModule {},
      imports: [old.cache],
      providers: [
        { provide: old.LeadStore, useValue: leads },
        { provide: moved.LeadStore, useValue: leads },
        ...[old.LeadReader, old.LeadWriter, old.LeadWriterOfBoth],
        ...[moved.LeadReader, moved.LeadWriter, TheirsAbove],
      ],
    },
    { logger: false },
  );
  await inMode(app.get(CacheService), 'redis');
  const oldReader = app.get(old.LeadReader);
  const reader = app.get(moved.LeadReader);
  const writer = app.get(moved.LeadWriter);
  const walked: Walked = {
    old: await use(leads, oldReader, app.get(old.LeadWriter), 'acme'),
    moved: await use(leads, reader, writer, 'acme'),
    otherTenant: await use(leads, reader, writer, 'globex'),
    meanwhile: await useBoth(leads, oldReader, reader, app.get(old.LeadWriterOfBoth)),
    theirsAbove: await useTheirsAbove(leads, [oldReader, reader], app.get(TheirsAbove)),
  };
  await app.close();
  await old.redis.quit();
  process.stdout.write(`\n${JSON.stringify(walked)}`);
}
