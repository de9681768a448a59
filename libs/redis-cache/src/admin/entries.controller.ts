import { Delete, Get, HttpStatus, Inject, Put } from '@nestjs/common';
import { inspect } from 'node:util';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { ScopedEntry } from '../cache/entry-scope.js';
import { isExactJson } from '../codec/exactness.js';
import { durationMs, type Duration } from '../config/duration.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import { UncacheableValueError } from '../errors/uncacheable-value.error.js';
import { ForTenants } from './admin-access.guard.js';
import { AdminEvictor } from './admin-eviction.js';
import { Principal } from './admin-principal.js';
import { refusal } from './admin-problem.js';
import { AdminTargets } from './admin-targets.js';
import type { AdminEntry, AdminPrincipal, AdminValue, EntrySet } from './admin.contract.js';
import { ADMIN_OPTIONS, type ResolvedAdminOptions } from './admin.options.js';
import { BodyFields, QueryFields } from './fields.decorator.js';
import { Fields } from './fields.js';

const MAX_TAGS = 100;
const MAX_SHOWN_LENGTH = 100_000;

/** One entry: why it would hit or miss, and its value where that is allowed. */
export class EntriesController {
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(ADMIN_OPTIONS) private readonly options: ResolvedAdminOptions,
    @Inject(AdminTargets) private readonly targets: AdminTargets,
    @Inject(AdminEvictor) private readonly evictor: AdminEvictor,
  ) {}

  @Get('entries')
  @ForTenants()
  async explain(
    @Principal() principal: AdminPrincipal,
    @QueryFields() query: Fields,
  ): Promise<AdminEntry> {
    query.only('cache', 'key', 'encodedKey', 'tenant', 'value');
    const { ref, policy } = this.targets.entry(principal, query);
    const withValue = query.flag('value');
    const isOperator = principal.kind === 'operator';
    if (withValue && this.options.values === false) {
      throw refusal('value', `is not shown: values is false`, HttpStatus.FORBIDDEN);
    }
    const { connection, ...tiers } = await this.runtime.explain(ref, policy);
    // Why Redis is away may name servers, which are no tenant's business.
    const explanation = { ...tiers, connection: isOperator ? connection : undefined };
    return withValue ? { ...explanation, value: await this.readValue(ref, policy) } : explanation;
  }

  @Put('entries')
  @ForTenants()
  async set(@Principal() principal: AdminPrincipal, @BodyFields() body: Fields): Promise<EntrySet> {
    body.only('cache', 'key', 'encodedKey', 'tenant', 'value', 'ttl', 'tags');
    const { ref, policy } = this.targets.entry(principal, body);
    if (this.options.values !== 'write') {
      throw refusal('value', `may not be set: values is not 'write'`, HttpStatus.FORBIDDEN);
    }
    if (!body.has('value')) throw refusal('value', 'is missing');
    if (policy.codec.revives) {
      const problem =
        'may not be set: the cache holds instances of classes, which JSON has none of';
      throw refusal('value', problem, HttpStatus.UNPROCESSABLE_ENTITY);
    }
    const value = body.value('value');
    const ttlMs = body.has('ttl')
      ? body.checked('ttl', (ttl) => durationMs(ttl as Duration, 'ttl'))
      : undefined;
    const request = {
      ref,
      policy,
      load: () => value,
      loading: undefined,
      ...(ttlMs !== undefined && { ttlMs: () => ttlMs }),
      ...(body.has('tags') && { tags: body.texts('tags', MAX_TAGS) }),
    };
    try {
      return { stored: await this.runtime.engine.set(request, value) };
    } catch (error) {
      if (!(error instanceof UncacheableValueError)) throw error;
      throw refusal('value', error.message, HttpStatus.UNPROCESSABLE_ENTITY);
    }
  }

  @Delete('entries')
  @ForTenants()
  evict(@Principal() principal: AdminPrincipal, @QueryFields() query: Fields): Promise<object> {
    return this.evictor.evict(this.evictor.read('key', principal, query));
  }

  private async readValue(ref: ScopedEntry, policy: ResolvedPolicy): Promise<AdminValue | null> {
    const looked = await this.runtime.engine.get(ref, policy);
    if (looked.kind === 'miss') return null;
    if (isExactJson(looked.value)) return { kind: 'json', json: looked.value };
    const text = inspect(looked.value, { depth: 8, maxArrayLength: 1_000, getters: false });
    return { kind: 'text', text: text.slice(0, MAX_SHOWN_LENGTH) };
  }
}
