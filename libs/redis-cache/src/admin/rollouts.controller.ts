import { Delete, Get, HttpStatus, Inject, Put } from '@nestjs/common';
import { CacheRolloutService } from '../cache/cache-rollout.service.js';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { RolloutPolicy } from '../config/rollout-policy.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { RolloutConflictError } from '../errors/rollout-conflict.error.js';
import type { AdminRolloutChanged, AdminRollouts } from './admin.contract.js';
import { refusal } from './admin-problem.js';
import { BodyFields, QueryFields } from './fields.decorator.js';
import { Fields } from './fields.js';

const SAID = ['mode', 'percent', 'tenants'] as const;

/** For whom caches are used. It names tenants, and so is for operators alone. */
export class RolloutsController {
  constructor(
    @Inject(CacheRolloutService) private readonly rollout: CacheRolloutService,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
  ) {}

  @Get('rollouts')
  list(): AdminRollouts {
    return { rollouts: this.rollout.list() };
  }

  @Put('rollouts')
  change(@BodyFields() body: Fields): Promise<AdminRolloutChanged> {
    body.only('cache', 'version', ...SAID);
    const cache = this.cacheOf(body);
    const ifVersion = versionOf(body);
    const said = SAID.filter((name) => body.has(name)).map((name) => [name, body.value(name)]);
    if (said.length === 0) throw body.refuse('mode', 'is missing, or percent, or tenants');
    const policy = Object.fromEntries(said) as RolloutPolicy;
    return checked(this.rollout.set(cache, policy, { ifVersion }));
  }

  @Delete('rollouts')
  reset(@QueryFields() query: Fields): Promise<AdminRolloutChanged> {
    query.only('cache');
    return checked(this.rollout.reset(this.cacheOf(query)));
  }

  private cacheOf(fields: Fields): string {
    const cache = fields.text('cache');
    if (this.runtime.policies.has(cache)) return cache;
    throw refusal('cache', 'is no cache that this process uses', HttpStatus.NOT_FOUND);
  }
}

function versionOf(body: Fields): number | undefined {
  const version = body.value('version');
  if (version === undefined || (Number.isSafeInteger(version) && (version as number) >= 0)) {
    return version as number | undefined;
  }
  throw body.refuse('version', 'must be a whole number from 0');
}

/** @throws {AdminProblemException} naming the field at fault */
async function checked<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof RolloutConflictError) {
      throw refusal('version', `is not the latest: ${error.message}`, HttpStatus.CONFLICT);
    }
    if (!(error instanceof InvalidCacheOptionsError)) throw error;
    const field = SAID.find((name) => error.option.endsWith(`.${name}`)) ?? 'tenants';
    throw refusal(field, `cannot be taken: ${error.message}`);
  }
}
