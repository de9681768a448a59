import { BadRequestException } from '@nestjs/common';
import type { FieldError } from './problem.js';

/** The request does not fit its schema. */
export class InvalidRequestException extends BadRequestException {
  constructor(readonly errors: readonly FieldError[]) {
    super(errors.map(({ field, message }) => `${field}: ${message}`).join('; '));
  }
}
