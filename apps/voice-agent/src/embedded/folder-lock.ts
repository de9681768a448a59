import { readFile, rm, writeFile } from 'node:fs/promises';

/**
 * Keeps a folder for this process, by a file beside it that holds the process id. What a process left
 * that was killed does not count.
 *
 * @returns gives the folder free
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = `${folder}.lock`;
  const holder = Number(await readFile(file, 'utf8').catch(() => '0'));
  if (holder !== 0 && isAlive(holder)) {
    throw new Error(
      `${folder} is in use by process ${holder}, and two would destroy it. Stop that one, ` +
        `use another folder, or delete ${file} if it is something else.`,
    );
  }
  await writeFile(file, String(process.pid));
  return () => rm(file, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there, and not ours.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
