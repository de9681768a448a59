import { join } from 'node:path';

export const ROOT = join(__dirname, '../..');
export const LIBRARY = join(ROOT, 'libs/redis-cache');
