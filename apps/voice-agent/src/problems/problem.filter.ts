import { STATUS_CODES } from 'node:http';
import {
  Catch,
  HttpException,
  Logger,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FieldError, Problem } from './problem.js';

/** Turns whatever a request throws into a problem document; what is not meant for callers is logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.adapterHost;
    const http = host.switchToHttp();
    const url = String(httpAdapter.getRequestUrl(http.getRequest()));
    const problem = this.describe(exception, url.replace(/\?.*/s, ''));
    const response: unknown = http.getResponse();
    httpAdapter.setHeader(response, 'content-type', 'application/problem+json');
    httpAdapter.reply(response, problem, problem.status);
  }

  private describe(exception: unknown, instance: string): Problem {
    const status = statusOf(exception);
    if (status === 500) this.logger.error(exception);
    return {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail: status === 500 ? 'Something went wrong on our side' : (exception as Error).message,
      instance,
      ...(hasFieldErrors(exception) && { errors: [...exception.errors] }),
    };
  }
}

/** Of what Nest throws, and of what Fastify does before Nest is asked, e.g. on a body that is no JSON. */
function statusOf(exception: unknown): number {
  if (exception instanceof HttpException) return exception.getStatus();
  const status = exception instanceof Error && 'statusCode' in exception && exception.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

function hasFieldErrors(exception: unknown): exception is { errors: readonly FieldError[] } {
  return exception instanceof HttpException && 'errors' in exception;
}
