import { SetMetadata, type ExecutionContext } from '@nestjs/common';

const RATE_LIMITED = 'nestjs-redis-cache:rate-limited';

/**
 * Puts a route, or all of a controller, under throttlers made by `namedThrottler`. All routes that
 * name the same one count together. What no throttler is named stops the boot.
 *
 * @example @Post('messages') @RateLimited('chat')
 */
export function RateLimited(
  ...throttlers: readonly [string, ...string[]]
): ClassDecorator & MethodDecorator {
  return SetMetadata(RATE_LIMITED, throttlers);
}

/** The throttlers that {@link RateLimited} names on a class or method. */
export function throttlersNamedOn(target: object): readonly string[] {
  return (Reflect.getMetadata(RATE_LIMITED, target) as readonly string[] | undefined) ?? [];
}

/** Whether the route of a request names a throttler. */
export function namesThrottler(context: ExecutionContext, throttler: string): boolean {
  return [context.getHandler(), context.getClass()].some((target) =>
    throttlersNamedOn(target).includes(throttler),
  );
}
