import { readFile } from 'node:fs/promises';
import { ProjectError } from './project.error.js';

/**
 * The text of a file, its byte order mark included; undefined if there is no such file.
 *
 * @throws {ProjectError} it is not UTF-8: written back, it would be another file
 */
export async function readText(path: string): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ProjectError(`${path} is no UTF-8 text, and is left alone.`);
  }
}
