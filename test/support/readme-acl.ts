import { read } from '../docs/markdown.js';

/** The rules that the README gives the user of Redis, for the prefix `crm`. */
export function documentedRules(): string[] {
  const [, rules = ''] = /^ACL SETUSER cache on >secret ([^`]+)/m.exec(read('README.md')) ?? [];
  return rules.trim().split(/\s+/);
}
