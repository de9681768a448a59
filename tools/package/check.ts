import { readFile } from 'node:fs/promises';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/**
 * What is wrong with a packed package. publint looks at its package.json, and every message counts,
 * suggestions too. "Are the types wrong?" looks whether TypeScript finds at every entry point what Node
 * finds, resolving as in Node 10, as in Node 16 from CommonJS and from ES modules, and as bundlers do.
 */
export async function problemsOf(tarball: string): Promise<string[]> {
  const bytes = new Uint8Array(await readFile(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  const types = await checkPackage(createPackageFromTarballData(bytes));
  return [
    ...messages.map((message) => formatMessage(message, pkg) ?? message.code),
    ...(types.types
      ? types.problems.map((problem) => JSON.stringify(problem))
      : ['The package has no types.']),
  ];
}
