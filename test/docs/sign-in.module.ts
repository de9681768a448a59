import type { MiddlewareConsumer, NestModule } from '@nestjs/common';
import { tenantMiddleware } from 'nestjs-redis-cache';

interface SignedInRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  user?: { readonly id: string };
}

/** What applications have that guides take for granted. It believes callers who they are. */
export class SignInModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    const signIn = (request: SignedInRequest, _response: unknown, next: () => void) => {
      const id = request.headers['x-user'];
      if (id !== undefined) request.user = { id };
      next();
    };
    const tenantOf = ({ headers }: SignedInRequest) => headers['x-tenant'];
    consumer.apply(signIn, tenantMiddleware(tenantOf)).forRoutes('{*path}');
  }
}
