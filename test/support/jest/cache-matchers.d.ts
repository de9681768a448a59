import type { CacheMatchers } from 'nestjs-redis-cache/testing';

declare global {
  namespace jest {
    interface Matchers<R> extends CacheMatchers<R> {}
  }
}
