import { Get, HttpStatus, Inject, Param, Req, Res, StreamableFile } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { AdminRequest } from './admin-principal.js';
import { AdminProblemException } from './admin-problem.js';
import type { AdminPageSettings } from './admin.contract.js';
import { ForTenants } from './admin-access.guard.js';
import {
  ADMIN_OPTIONS,
  ADMIN_SURFACE,
  type ResolvedAdminOptions,
  type ResolvedAdminSurface,
} from './admin.options.js';
import { ALIVE_MS } from './stream-hub.js';
import { fileOf, PageFiles, type PageFile } from './page-files.js';

const INDEX = 'index.html';
const BASE = '<base href="./">';

const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // Asked for anew each time, and not sent again where it is the same.
  'Cache-Control': 'no-cache',
} as const;

/** The page of the dashboard and its files. There is no data in them. */
export class PageController {
  constructor(
    @Inject(PageFiles) private readonly files: PageFiles,
    @Inject(ADMIN_SURFACE) private readonly surface: ResolvedAdminSurface,
    @Inject(ADMIN_OPTIONS) private readonly options: ResolvedAdminOptions,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {}

  /**
   * Under the path without a slash at its end, which Fastify does not route; so what the page refers
   * to has to be told where it is, in words that hold behind a proxy that changes the path.
   */
  @Get()
  @ForTenants()
  index(
    @Req() request: AdminRequest,
    @Res({ passthrough: true }) response: unknown,
  ): StreamableFile | undefined {
    const index = this.find(INDEX);
    const last = this.surface.path.split('/').at(-1) ?? '';
    const url = String(this.adapterHost.httpAdapter.getRequestUrl(request)).replace(/[?#].*/s, '');
    const html = index.bytes.toString('utf8');
    const base = url.endsWith('/') ? BASE : `<base href="${last}/">`;
    return this.send(fileOf(INDEX, Buffer.from(html.replace(BASE, base))), request, response);
  }

  @Get('assets/settings.json')
  @ForTenants()
  settings(@Res({ passthrough: true }) response: unknown): AdminPageSettings {
    this.setHeaders(response);
    return {
      credentialHeader: this.surface.page?.credentialHeader ?? null,
      streamIntervalMs: this.options.stream.intervalMs,
      aliveMs: ALIVE_MS,
    };
  }

  @Get('assets/:file')
  @ForTenants()
  asset(
    @Param('file') name: string,
    @Req() request: AdminRequest,
    @Res({ passthrough: true }) response: unknown,
  ): StreamableFile | undefined {
    return this.send(this.find(name), request, response);
  }

  private find(name: string): PageFile {
    const file = this.files.get(name);
    if (file) return file;
    throw new AdminProblemException(HttpStatus.NOT_FOUND, 'There is no such file');
  }

  private send(
    { bytes, type, etag }: PageFile,
    { headers }: AdminRequest,
    response: unknown,
  ): StreamableFile | undefined {
    this.setHeaders(response);
    const { httpAdapter } = this.adapterHost;
    httpAdapter.setHeader(response, 'ETag', etag);
    if (headers['if-none-match'] !== etag) {
      return new StreamableFile(bytes, { type, length: bytes.length });
    }
    httpAdapter.status(response, HttpStatus.NOT_MODIFIED);
    return undefined;
  }

  private setHeaders(response: unknown): void {
    const { httpAdapter } = this.adapterHost;
    for (const [name, value] of Object.entries(HEADERS))
      httpAdapter.setHeader(response, name, value);
  }
}
