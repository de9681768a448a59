/** What it took to have the cache in a project. Paths are relative to its folder. */
export interface InitReport {
  /** The file that imports the cache. */
  readonly module: string;
  /** False if `--dry-run` said that nothing is to be written. */
  readonly written: boolean;
  /** Files that were made or edited. */
  readonly files: readonly InitFile[];
  /** Packages that are not there, or of a version that does not go with the library. */
  readonly missing: readonly string[];
  /** What installs them; null if nothing is missing. */
  readonly install: string | null;
}

export interface InitFile {
  readonly path: string;
  readonly change: 'made' | 'edited';
  /** What it has now, in words. */
  readonly what: string;
  /** As a patch; null where what stands around it may be secret. */
  readonly diff: string | null;
}
