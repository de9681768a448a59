import { HttpCode, Inject, Post } from '@nestjs/common';
import { ForTenants } from './admin-access.guard.js';
import { AdminEvictor } from './admin-eviction.js';
import { Principal } from './admin-principal.js';
import type { AdminPrincipal } from './admin.contract.js';
import { BodyFields } from './fields.decorator.js';
import { Fields } from './fields.js';

/** Evictions of more than one entry. */
export class EvictionsController {
  constructor(@Inject(AdminEvictor) private readonly evictor: AdminEvictor) {}

  @Post('evictions/tags')
  @HttpCode(200)
  @ForTenants()
  byTags(@Principal() principal: AdminPrincipal, @BodyFields() body: Fields): Promise<object> {
    return this.evictor.evict(this.evictor.read('tags', principal, body));
  }

  @Post('evictions/pattern')
  @HttpCode(200)
  @ForTenants()
  byPattern(@Principal() principal: AdminPrincipal, @BodyFields() body: Fields): Promise<object> {
    return this.evictor.evict(this.evictor.read('pattern', principal, body));
  }

  @Post('evictions/cache')
  @HttpCode(200)
  @ForTenants()
  ofCache(@Principal() principal: AdminPrincipal, @BodyFields() body: Fields): Promise<object> {
    return this.evictor.evict(this.evictor.read('cache', principal, body));
  }

  @Post('evictions/tenant')
  @HttpCode(200)
  @ForTenants()
  ofTenant(@Principal() principal: AdminPrincipal, @BodyFields() body: Fields): Promise<object> {
    return this.evictor.evict(this.evictor.read('tenant', principal, body));
  }

  @Post('evictions/all')
  @HttpCode(200)
  all(@Principal() principal: AdminPrincipal, @BodyFields() body: Fields): Promise<object> {
    return this.evictor.evict(this.evictor.read('all', principal, body));
  }
}
