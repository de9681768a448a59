import { deepStrictEqual } from 'node:assert';
import type { Check } from './check.js';

export const COMMAND: Check = {
  name: '`redis-cache`',
  packages: () => [],
  run: async (consumer) => {
    const printed = await consumer.run('redis-cache', ['health', '--json']);
    const { status } = JSON.parse(printed) as { status: string };
    deepStrictEqual(status, 'ok');
    const version = await consumer.run('redis-cache', ['--version']);
    deepStrictEqual(version.trim(), (await consumer.manifest()).version);
  },
};
