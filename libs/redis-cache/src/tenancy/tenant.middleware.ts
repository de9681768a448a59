import { runInTenantScope, runWithTenant } from './tenant-context.js';

/** A functional middleware as Express and Fastify's adapter take it. */
export type TenantMiddleware<Request> = (
  request: Request,
  response: unknown,
  next: (error?: unknown) => void,
) => void;

/**
 * Makes a middleware that opens the tenant scope of a request, on Express and on Fastify.
 *
 * Without `resolve` the scope is open but empty: a guard made by `tenantGuard` or a call of
 * `setTenant` fills it in once the caller is authenticated. Never take a tenant from a header that
 * the caller can choose.
 *
 * @param resolve reads the tenant off the raw request; undefined leaves the scope empty
 * @example consumer.apply(tenantMiddleware()).forRoutes('{*path}');
 */
export function tenantMiddleware<Request = unknown>(
  resolve?: (request: Request) => string | undefined,
): TenantMiddleware<Request> {
  return (request, _response, next) => {
    const tenant = resolve?.(request);
    const run = () => {
      next();
    };
    if (tenant === undefined) runInTenantScope(run);
    else runWithTenant(tenant, run);
  };
}
