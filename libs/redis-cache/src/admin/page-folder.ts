import { join } from 'node:path';

/**
 * Where the files of the page lie. TypeScript lets a source of CommonJS know its folder by `__dirname`
 * alone, which ES modules do not have: in their build, `tools/package` writes this file anew.
 */
export const PAGE_FOLDER = join(__dirname, 'dashboard');
