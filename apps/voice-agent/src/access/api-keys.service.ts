import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { and, eq } from 'drizzle-orm';
import { CacheEvict, Cacheable } from 'nestjs-redis-cache';
import { InjectDatabase, type Database } from '../database/database.js';
import { apiKeys } from '../database/schema.js';
import { hashApiKey } from './api-key-hash.js';
import { currentOrganization } from './current-organization.js';

@Injectable()
export class ApiKeysService {
  constructor(@InjectDatabase() private readonly database: Database) {}

  /**
   * Asked at every request, before the tenant is known: hence a cache of the global scope. Unknown
   * keys are not kept, so that guessing cannot fill it.
   */
  @Cacheable('apiKey.organization', {
    key: (hash: string) => hash,
    unless: (organizationId: string | null) => organizationId === null,
  })
  async organizationOf(hash: string): Promise<string | null> {
    const [found] = await this.database
      .select({ organizationId: apiKeys.organizationId })
      .from(apiKeys)
      .where(eq(apiKeys.hash, hash));
    return found?.organizationId ?? null;
  }

  /** Replaces a key of the current organization by a new one, which is shown this once. */
  @CacheEvict('apiKey.organization', { key: (hash: string) => hash })
  async rotate(hash: string): Promise<string | null> {
    const organizationId = currentOrganization();
    const key = `va_${randomBytes(24).toString('base64url')}`;
    return this.database.transaction(async (tx) => {
      const ours = and(eq(apiKeys.hash, hash), eq(apiKeys.organizationId, organizationId));
      const removed = await tx.delete(apiKeys).where(ours).returning();
      if (removed.length === 0) return null;
      await tx.insert(apiKeys).values({ hash: hashApiKey(key), organizationId });
      return key;
    });
  }
}
