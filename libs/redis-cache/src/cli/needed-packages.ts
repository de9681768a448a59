import { LIBRARY_NAME } from '../project/cache-import.js';
import { installedVersion } from '../project/installed-packages.js';
import { addCommandOf, type AddCommand } from '../project/package-manager.js';
import { isWithin, newestOf } from '../project/version-range.js';
import { CommandError } from './command.error.js';
import type { OwnManifest } from './own-manifest.js';

/** Packages that a project has to have for the library to run, and has not. */
export interface NeededPackages {
  readonly names: readonly string[];
  /** What installs them; undefined if none is needed. */
  readonly command: readonly [...AddCommand, ...string[]] | undefined;
}

/** @throws {CommandError} the Nest of the project does not go with the library */
export async function neededPackages(
  folder: string,
  { peerDependencies, peerDependenciesMeta }: OwnManifest,
): Promise<NeededPackages> {
  const required = Object.entries(peerDependencies).filter(
    ([name]) => peerDependenciesMeta[name]?.optional !== true,
  );
  const names: string[] = [];
  for (const [name, range] of required) {
    const version = await installedVersion(folder, name);
    if (version !== undefined && isWithin(version, range)) continue;
    if (version !== undefined && name.startsWith('@nestjs/')) {
      throw new CommandError(
        `${name} ${version} is installed here; ${LIBRARY_NAME} needs ${range}. Move to such a version first.`,
      );
    }
    names.push(`${name}@${newestOf(range)}`);
  }
  if ((await installedVersion(folder, LIBRARY_NAME)) === undefined) names.unshift(LIBRARY_NAME);
  return { names, command: names.length > 0 ? [...addCommandOf(folder), ...names] : undefined };
}
