import { type Command, Option } from 'commander';
import { CONNECTION_FLAG_DEFAULTS } from './connection-flags.js';

/** Where a walk through the keys ends. */
export const MAX_KEYS = [
  '--max-keys <n>',
  'stop after the servers have looked at so many keys; 0 for never',
  '100000',
] as const;
/** Where applications tell what they count. */
export const FROM = [
  '--from <url>',
  'read what an application counts from its /metrics; may be given for each process',
  collect,
] as const;
/** What proves to them who is asking. */
export const FROM_HEADER = [
  '--from-header <file>',
  'file with headers to send there, one "Name: value" a line, e.g. Authorization',
] as const;

/** A command that does not ask Redis itself. */
export function plainCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--json', 'print JSON')
    .addOption(new Option('--no-color', 'no colours'))
    .allowExcessArguments(false);
}

/** A command that has to know where Redis is. */
export function redisCommand(program: Command, name: string, description: string): Command {
  return plainCommand(program, name, description)
    .option(
      '--url <url>',
      `redis://user:password@host:6379/0, rediss:// for TLS${byDefault('url')}`,
      collect,
    )
    .option('--prefix <prefix>', `what the keys of the cache begin with${byDefault('prefix')}`)
    .option('--cluster', 'the URL is of a node of a cluster; may be given for several nodes')
    .option(
      '--sentinel <host:port>',
      'ask this sentinel where Redis is; may be given several times',
      collect,
    )
    .option(
      '--sentinel-name <name>',
      `what the sentinels call the group${byDefault('sentinelName')}`,
    )
    .option('--sentinel-tls', 'speak TLS with the sentinels')
    .option('--tls', 'speak TLS')
    .option('--tls-ca <file>', 'certificates to trust')
    .option('--tls-cert <file>', 'certificate to show')
    .option('--tls-key <file>', 'its key')
    .option('--tls-servername <name>', 'name that the certificate has to be for')
    .option('--tls-insecure', 'do not check the certificate')
    .option(
      '--timeout <duration>',
      `what Redis may take to connect, and for a command${byDefault('timeout')}`,
    );
}

/** Adds what says which entries are meant. */
export function ofEntry(to: Command): Command {
  return to
    .option('--tenant <id>', 'whose entries are meant')
    .option('--global', 'those of the global scope, which belong to no tenant')
    .option('--cache <name>', 'of this cache')
    .option('--cache-version <n>', 'of this version of it (default: all that are in use)')
    .option('--key <key>', 'under this key')
    .option(
      '--args <json>',
      'under the key that these arguments of a method make, e.g. \'["a", 1]\'',
    )
    .option('--redis-key <key>', 'the entry under this key of Redis, instead of all these');
}

/** The environment goes before it, so it is none of commander's defaults. */
function byDefault(flag: keyof typeof CONNECTION_FLAG_DEFAULTS): string {
  return ` (default: "${CONNECTION_FLAG_DEFAULTS[flag]}")`;
}

/** Gathers what is given several times. */
export function collect(value: string, sofar: readonly string[] = []): readonly string[] {
  return [...sofar, value];
}
