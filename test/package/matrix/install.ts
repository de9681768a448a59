import { FreshProject } from '../support/fresh-project.js';
import type { Installation } from './matrix.js';
import { pinned, REQUIRED_PEERS } from './packages.js';

/** A fresh project with the library, its required peers and what the checks take. */
export function install(
  { nest, kinds, checks }: Installation,
  tarball: string,
): Promise<FreshProject> {
  const taken = checks.flatMap(({ packages }) => kinds.flatMap(packages));
  const dependencies = pinned(nest, [...new Set([...REQUIRED_PEERS, ...taken])].sort());
  return FreshProject.create(tarball, { dependencies });
}
