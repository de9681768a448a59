import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { PAGE_FOLDER } from './page-folder.js';

/** A file of the page, held as long as the process runs. */
export interface PageFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
}

/** What is served; anything else in the folder is not. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

/** The files of the page, read once: what is asked for is a name among theirs, and never a path. */
export class PageFiles {
  private readonly files: ReadonlyMap<string, PageFile>;

  /** @param folder one that is not there has no files */
  constructor(folder = PAGE_FOLDER) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const served = names.filter((name) => Object.hasOwn(TYPES, extname(name)));
    this.files = new Map(
      served.map((name) => [name, fileOf(name, readFileSync(join(folder, name)))]),
    );
  }

  get(name: string): PageFile | undefined {
    return this.files.get(name);
  }
}

/** A file with these bytes, of the type that its name says. */
export function fileOf(name: string, bytes: Buffer): PageFile {
  const digest = createHash('sha256').update(bytes).digest('base64url');
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  return { bytes, type, etag: `"${digest.slice(0, 22)}"` };
}
