import { STATUS_CODES } from 'node:http';
import {
  Catch,
  HttpException,
  HttpStatus,
  Inject,
  Logger,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AdminProblemException, type FieldError } from './admin-problem.js';
import type { AdminProblem } from './admin.contract.js';

/** Turns whatever a route throws into a problem document, RFC 9457; what is not meant for callers is logged. */
@Catch()
export class AdminProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('RedisCacheAdmin');

  constructor(@Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.adapterHost;
    const http = host.switchToHttp();
    const url = String(httpAdapter.getRequestUrl(http.getRequest()));
    const problem = this.describe(exception, url.replace(/[?#].*/s, ''));
    const response: unknown = http.getResponse();
    httpAdapter.setHeader(response, 'Content-Type', 'application/problem+json');
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    httpAdapter.reply(response, problem, problem.status);
  }

  private describe(exception: unknown, instance: string): AdminProblem {
    const said = exception instanceof HttpException ? exception : undefined;
    if (!said) this.logger.error(exception);
    const status = said?.getStatus() ?? HttpStatus.INTERNAL_SERVER_ERROR;
    const errors: readonly FieldError[] = said instanceof AdminProblemException ? said.errors : [];
    return {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail: said?.message ?? 'Something went wrong on our side; the log says what',
      instance,
      ...(errors.length > 0 && { errors }),
    };
  }
}
