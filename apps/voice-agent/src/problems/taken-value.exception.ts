import { ConflictException } from '@nestjs/common';
import type { FieldError } from './problem.js';

/** A field holds a value that another record has already. */
export class TakenValueException extends ConflictException {
  readonly errors: readonly FieldError[];

  constructor(field: string, message: string) {
    super(`${field}: ${message}`);
    this.errors = [{ field, message }];
  }
}
