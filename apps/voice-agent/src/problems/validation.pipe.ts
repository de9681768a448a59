import { StandardSchemaValidationPipe } from '@nestjs/common';
import { InvalidRequestException } from './invalid-request.exception.js';

/** Checks `@Body({ schema })`, `@Query({ schema })` and `@Param({ schema })`, and names what is wrong. */
export const validationPipe = new StandardSchemaValidationPipe({
  exceptionFactory: (issues) =>
    new InvalidRequestException(
      issues.map(({ path = [], message }) => ({
        field: fieldName(path),
        message,
      })),
    ),
});

/** `address.street`; where the body as a whole is at fault, `body`. */
function fieldName(path: readonly (PropertyKey | { readonly key: PropertyKey })[]): string {
  return path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.') || 'body';
}
