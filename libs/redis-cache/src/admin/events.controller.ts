import type { ServerResponse } from 'node:http';
import { Get, Inject, Req, Res } from '@nestjs/common';
import { ForTenants } from './admin-access.guard.js';
import { Principal, type AdminRequest } from './admin-principal.js';
import type { AdminEvents, AdminPrincipal } from './admin.contract.js';
import { EventRecorder } from './event-recorder.js';
import { QueryFields } from './fields.decorator.js';
import { Fields } from './fields.js';
import { StreamHub } from './stream-hub.js';

const IDS = { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 };
const LIMITS = { min: 1, max: 500, fallback: 100 };

/** A response of Express, which is one of Node, or a reply of Fastify, which has one. */
type AnyResponse = ServerResponse | FastifyLikeReply;

interface FastifyLikeReply {
  readonly raw: ServerResponse;
  getHeaders(): Readonly<Record<string, string | number | string[] | undefined>>;
  hijack(): unknown;
}

/** What has happened, and what happens. */
export class EventsController {
  constructor(
    @Inject(EventRecorder) private readonly recorder: EventRecorder,
    @Inject(StreamHub) private readonly streams: StreamHub,
  ) {}

  @Get('events')
  @ForTenants()
  events(@Principal() principal: AdminPrincipal, @QueryFields() query: Fields): AdminEvents {
    query.only('after', 'limit');
    const after = query.wholeNumber('after', IDS);
    return this.recorder.log.since(after, principal, query.wholeNumber('limit', LIMITS));
  }

  /** Server-Sent Events, written here: Nest's own queue without a bound what a slow client does not take. */
  @Get('stream')
  @ForTenants()
  stream(
    @Principal() principal: AdminPrincipal,
    @QueryFields() query: Fields,
    @Req() request: AdminRequest & { readonly method: string },
    @Res() response: AnyResponse,
  ): void {
    query.only('after');
    const last = request.headers['last-event-id'];
    const resumed = new Fields(last === undefined ? {} : { 'last-event-id': last });
    const after = resumed.wholeNumber('last-event-id', {
      ...IDS,
      fallback: query.wholeNumber('after', IDS),
    });
    this.streams.assertRoom();
    const raw = takeOver(response);
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    if (request.method === 'HEAD') raw.end();
    else this.streams.open(raw, principal, after);
  }
}

/** The response of Node, with the headers that plugins have set so far. */
function takeOver(response: AnyResponse): ServerResponse {
  if (!('raw' in response)) return closing(response);
  response.hijack();
  for (const [name, value] of Object.entries(response.getHeaders())) {
    if (value !== undefined) response.raw.setHeader(name, value);
  }
  return closing(response.raw);
}

/** The connection ends with the stream, so that a server that closes waits for nothing. */
function closing(raw: ServerResponse): ServerResponse {
  raw.shouldKeepAlive = false;
  return raw;
}
