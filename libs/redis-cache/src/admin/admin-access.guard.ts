import {
  HttpStatus,
  Inject,
  Injectable,
  Logger,
  SetMetadata,
  type CanActivate,
  type CustomDecorator,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { letIn, principalFrom, type AdminRequest } from './admin-principal.js';
import { AdminProblemException } from './admin-problem.js';
import { ADMIN_OPTIONS, type ResolvedAdminOptions } from './admin.options.js';

const FOR_TENANTS = 'nestjs-redis-cache:admin-for-tenants';

/** Lets principals call a route that are bound to a tenant; without it operators alone do. */
export const ForTenants = (): CustomDecorator => SetMetadata(FOR_TENANTS, true);

/** Stands behind the guards of the application: finds out who is asking, and who may. */
@Injectable()
export class AdminAccessGuard implements CanActivate {
  private readonly logger = new Logger('RedisCacheAdmin');

  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ADMIN_OPTIONS) private readonly options: ResolvedAdminOptions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const principal = principalFrom(await this.options.principal(request));
    if (!principal) {
      this.logger.warn(
        'A request was let pass by the guards, and nobody said whose it is: have a guard set ' +
          `request.cacheAdmin, or give RedisCacheAdminModule the option principal.`,
      );
      throw forbidden('It is not known who is asking');
    }
    const isForTenants = this.reflector.get<boolean | undefined>(FOR_TENANTS, context.getHandler());
    if (principal.kind === 'tenant' && isForTenants !== true) {
      throw forbidden('This is for operators alone');
    }
    letIn(request, principal);
    return true;
  }
}

function forbidden(detail: string): AdminProblemException {
  return new AdminProblemException(HttpStatus.FORBIDDEN, detail);
}
