import { createParamDecorator, HttpStatus, type ExecutionContext } from '@nestjs/common';
import type { AdminRequest } from './admin-principal.js';
import { refusal } from './admin-problem.js';
import { Fields, isObject } from './fields.js';

type Request = AdminRequest & { readonly query?: unknown; readonly body?: unknown };

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** The fields of the query. */
export const QueryFields = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { query } = context.switchToHttp().getRequest<Request>();
  return new Fields(isObject(query) ? query : {});
});

/** The fields of a body that is JSON and an object; anything else is refused. */
export const BodyFields = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = context.switchToHttp().getRequest<Request>();
  assertJson(request);
  if (!isObject(request.body)) throw refusal('body', 'must be a JSON object');
  return new Fields(request.body);
});

/**
 * Bodies of forms and texts, which a page of another site can make a browser send along with its
 * credentials, are refused. For JSON the browser asks first.
 */
function assertJson({ headers }: AdminRequest): void {
  if (JSON_TYPE.test(String(headers['content-type']))) return;
  throw refusal('content-type', 'must be application/json', HttpStatus.UNSUPPORTED_MEDIA_TYPE);
}
