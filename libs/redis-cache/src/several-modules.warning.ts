import type { Logger } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

/**
 * Says so where an application has several global ones, which compete for whoever injects what they
 * export: a module that imports one of them gets that one, and all others the first.
 *
 * @param asking the `RedisCacheModule` that asks, as only the first of them tells
 */
export function warnOfSeveralModules(
  modules: ModulesContainer,
  asking: object,
  logger: Logger,
): void {
  const global = [...modules.values()].filter(
    ({ metatype, isGlobal }) => metatype === asking.constructor && isGlobal,
  );
  if (global.length < 2 || global[0]?.instance !== asking) return;
  logger.warn(
    `RedisCacheModule is imported ${global.length} times with options, and each is a cache ` +
      'of its own: what is evicted in one, another may still answer. Import it once, at the root, ' +
      'where it is global; where several are meant, give them isGlobal: false.',
  );
}
