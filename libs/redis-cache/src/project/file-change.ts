import { randomUUID } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';

/** A file that is made or rewritten. */
export interface FileChange {
  /** Absolute. */
  readonly path: string;
  /** Undefined for a file that is made. */
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * Writes all of them or none: each first goes into a file beside it, and takes its place once all are
 * on the disk. Links stay links, and permissions what they are.
 */
export async function writeChanges(changes: readonly FileChange[]): Promise<void> {
  const staged: { readonly at: string; readonly to: string; readonly change: FileChange }[] = [];
  const done: typeof staged = [];
  try {
    for (const change of changes) {
      const isNew = change.before === undefined;
      const to = isNew ? change.path : await realpath(change.path);
      const at = `${to}.${randomUUID().slice(0, 8)}.tmp`;
      staged.push({ at, to, change });
      const mode = isNew ? 0o666 : (await stat(to)).mode;
      await writeFile(at, change.after, { flag: 'wx', mode });
    }
    for (const one of staged) {
      await rename(one.at, one.to);
      done.push(one);
    }
  } catch (error) {
    for (const { to, change } of done) {
      if (change.before === undefined) await rm(to, { force: true });
      else await writeFile(to, change.before);
    }
    throw error;
  } finally {
    for (const { at } of staged) await rm(at, { force: true });
  }
}
