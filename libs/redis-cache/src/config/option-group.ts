import { DEFAULTS } from './defaults.js';
import { knownFields } from './option-checks.js';

type GroupName = {
  [K in keyof typeof DEFAULTS]: (typeof DEFAULTS)[K] extends string ? never : K;
}[keyof typeof DEFAULTS];

/**
 * What is said of a group of options; one spelled out as undefined (an unset variable, say) means its
 * default.
 *
 * @throws {InvalidCacheOptionsError} it is no object, or has a field that the defaults have not
 */
export function group<T extends object>(
  value: T | undefined,
  name: GroupName,
): { [F in keyof T]?: NonNullable<T[F]> } {
  if (value === undefined) return {};
  knownFields(value, name, Object.keys(DEFAULTS[name]));
  const said = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(said) as { [F in keyof T]?: NonNullable<T[F]> };
}
