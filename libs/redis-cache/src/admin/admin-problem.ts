import { HttpException, HttpStatus } from '@nestjs/common';

/** A field at fault, and what is wrong with it. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** An answer that says no, and which fields are the reason. */
export class AdminProblemException extends HttpException {
  constructor(
    status: HttpStatus,
    detail: string,
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail, status);
  }
}

/** @returns a refusal that names one field */
export function refusal(
  field: string,
  message: string,
  status = HttpStatus.BAD_REQUEST,
): AdminProblemException {
  return new AdminProblemException(status, `${field} ${message}`, [{ field, message }]);
}
