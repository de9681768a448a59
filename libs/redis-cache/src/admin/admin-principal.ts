import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AdminPrincipal } from './admin.contract.js';

/** A request of Express or Fastify, as far as it is looked at here. */
export interface AdminRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Left here by a guard: who is asking. */
  cacheAdmin?: AdminPrincipal;
}

const PRINCIPAL = Symbol.for('nestjs-redis-cache.admin-principal');

type Judged = AdminRequest & { [PRINCIPAL]?: AdminPrincipal };

/**
 * Takes for a principal what is one beyond doubt.
 *
 * @returns undefined for anything else
 */
export function principalFrom(value: unknown): AdminPrincipal | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
  if (value.kind === 'operator') return { kind: 'operator' };
  const tenant = 'tenant' in value ? value.tenant : undefined;
  if (value.kind !== 'tenant' || typeof tenant !== 'string' || tenant === '') return undefined;
  return { kind: 'tenant', tenant };
}

/** Notes for the handlers who is asking. */
export function letIn(request: AdminRequest, principal: AdminPrincipal): void {
  (request as Judged)[PRINCIPAL] = principal;
}

/** Who is asking, as `AdminAccessGuard` has found out. */
export const Principal = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const principal = context.switchToHttp().getRequest<Judged>()[PRINCIPAL];
  if (!principal) throw new Error('a route of /admin without AdminAccessGuard');
  return principal;
});
