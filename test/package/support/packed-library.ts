import { packLibrary } from '../../../tools/package/pack.js';

/**
 * The library as a tarball: the one that `PACKAGE_TARBALL` names, if it has been packed already, else
 * packed now into `folder`.
 *
 * @returns its path
 */
export function packedLibrary(folder: string): Promise<string> {
  const made = process.env.PACKAGE_TARBALL;
  return made ? Promise.resolve(made) : packLibrary(folder);
}
