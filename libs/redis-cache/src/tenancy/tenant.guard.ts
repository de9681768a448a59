import { Injectable, type CanActivate, type ExecutionContext, type Type } from '@nestjs/common';
import { setTenant } from './tenant-context.js';

/**
 * Makes a guard that sets the tenant of the scope which `tenantMiddleware` opened. It lets every
 * call pass: a call without a tenant fails where a tenant-scoped cache is used, or in a guard of
 * your own before it.
 *
 * @param resolve reads the tenant off what an earlier guard has established; undefined sets none
 * @example @UseGuards(ApiKeyGuard, tenantGuard((context) => organizationOf(context)?.id))
 */
export function tenantGuard(
  resolve: (context: ExecutionContext) => string | undefined | Promise<string | undefined>,
): Type<CanActivate> {
  @Injectable()
  class TenantGuard implements CanActivate {
    async canActivate(context: ExecutionContext): Promise<boolean> {
      const tenant = await resolve(context);
      if (tenant !== undefined) setTenant(tenant);
      return true;
    }
  }
  return TenantGuard;
}
