import { NotFoundException } from '@nestjs/common';

/**
 * What was found, else 404. Services answer `null` for what is missing: that is a result, and can be
 * cached like one; an exception is not, and cannot.
 */
export function found<T>(value: T | null, what: string): T {
  if (value === null) throw new NotFoundException(`There is no such ${what}`);
  return value;
}
