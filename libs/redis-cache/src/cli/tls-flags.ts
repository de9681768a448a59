import { readFileSync } from 'node:fs';
import type { Login } from '../connection/connection-options.js';
import { failureReason } from '../connection/failure-kind.js';
import { UsageError } from './command.error.js';

/** What of the command line says how to speak TLS. */
export interface TlsFlags {
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsServername?: string;
  readonly tlsInsecure?: boolean;
}

export type TlsOptions = Exclude<NonNullable<Login['tls']>, boolean>;

/**
 * Any option of TLS is a wish for TLS.
 *
 * @param byUrl whether the URL asks for it
 * @returns undefined for none
 * @throws {UsageError} naming the flag
 */
export function tlsOf(flags: TlsFlags, byUrl: true | undefined): TlsOptions | undefined {
  const { tls, tlsCa, tlsCert, tlsKey, tlsServername: servername, tlsInsecure } = flags;
  const files = {
    ca: fileOf(tlsCa, '--tls-ca'),
    cert: fileOf(tlsCert, '--tls-cert'),
    key: fileOf(tlsKey, '--tls-key'),
  };
  if ((files.cert === undefined) !== (files.key === undefined)) {
    throw new UsageError('--tls-cert and --tls-key belong together. Give both.');
  }
  const options: TlsOptions = {
    ...Object.fromEntries(Object.entries(files).filter(([, file]) => file !== undefined)),
    ...(servername !== undefined && { servername }),
    ...(tlsInsecure && { rejectUnauthorized: false }),
  };
  return tls || byUrl || Object.keys(options).length > 0 ? options : undefined;
}

function fileOf(path: string | undefined, flag: string): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${flag}: ${failureReason(error)}. Name a file that can be read.`);
  }
}
