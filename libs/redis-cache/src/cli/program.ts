import { Command, Option } from 'commander';
import type { ClearFlags } from './clear.command.js';
import { CONNECTION_FLAG_DEFAULTS } from './connection-flags.js';
import type { CommandRun, CommonFlags } from './context.js';
import type { HealthFlags } from './health.command.js';
import type { InspectFlags } from './inspect.command.js';
import type { MonitorFlags } from './monitor.command.js';
import type { StatsFlags } from './stats.command.js';
import type { TenantsFlags } from './tenants.command.js';
import type { Terminal } from './terminal.js';
import type { ValidateFlags } from './validate.command.js';

/** Has a command run that is loaded only now: whoever asks for help does not wait for the others. */
export type RunCommand = <Flags extends CommonFlags>(
  load: () => Promise<CommandRun<Flags>>,
  flags: Flags,
) => Promise<void>;

const EXIT_CODES = `
Exit codes:
  0  done, and all is well
  1  not done, or not to its end
  2  the command line cannot be used as given
  3  Redis, or an address to read from, cannot be reached
  4  Redis answers, and something is wrong with it
  5  validate found something to improve

Environment:
  REDIS_URL                instead of --url
  REDIS_USERNAME, REDIS_PASSWORD
                           where the URL has none
  REDIS_SENTINEL_PASSWORD  of the sentinels themselves
  CACHE_PREFIX             instead of --prefix
  NO_COLOR                 as --no-color`;

const MAX_KEYS = [
  '--max-keys <n>',
  'stop after the servers have looked at so many keys; 0 for never',
  '100000',
] as const;
const FROM = [
  '--from <url>',
  'read what an application counts from its /metrics; may be given for each process',
  collect,
] as const;
const FROM_HEADER = [
  '--from-header <file>',
  'file with headers to send there, one "Name: value" a line, e.g. Authorization',
] as const;

/** The whole command line. It throws instead of ending the process. */
export function createProgram(terminal: Terminal, version: string, run: RunCommand): Command {
  const program = new Command('redis-cache')
    .description('Looks after a cache of nestjs-redis-cache in Redis.')
    .version(version, '-v, --version')
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('Try redis-cache --help.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    });
  addLooks(program, run);
  addActs(program, run);
  return program;
}

/** Those that change nothing. */
function addLooks(program: Command, run: RunCommand): void {
  command(program, 'health', 'Say whether Redis can be used, and how it is.').action(
    (flags: HealthFlags & CommonFlags) =>
      run(async () => (await import('./health.command.js')).health, flags),
  );
  command(
    program,
    'stats',
    'Count what the cache has in Redis, and what Redis and applications count.',
  )
    .option(...FROM)
    .option(...FROM_HEADER)
    .option(...MAX_KEYS)
    .action((flags: StatsFlags & CommonFlags) =>
      run(async () => (await import('./stats.command.js')).stats, flags),
    );
  command(program, 'monitor', 'Watch rates and latencies as they change; Ctrl-C ends it.')
    .option('-i, --interval <duration>', 'between two looks', '2s')
    .option('-n, --count <n>', 'end after so many looks; 0 for never', '0')
    .option(...FROM)
    .option(...FROM_HEADER)
    .action((flags: MonitorFlags & CommonFlags) =>
      run(async () => (await import('./monitor.command.js')).monitor, flags),
    );
  command(program, 'tenants', 'List who has entries in Redis.')
    .option('--top <n>', 'show those with the most entries, so many', '20')
    .option(...MAX_KEYS)
    .action((flags: TenantsFlags & CommonFlags) =>
      run(async () => (await import('./tenants.command.js')).tenants, flags),
    );
  ofEntry(
    command(
      program,
      'inspect',
      'Say what Redis has of an entry, and why a read would hit or miss.',
    ),
  )
    .option('--value', 'show its value, too')
    .action((flags: InspectFlags & CommonFlags) =>
      run(async () => (await import('./inspect.command.js')).inspect, flags),
    );
}

/** Those that change something. */
function addActs(program: Command, run: RunCommand): void {
  command(
    program,
    'validate',
    'Check all that a cache needs of Redis, before it is switched on.',
  ).action((flags: ValidateFlags & CommonFlags) =>
    run(async () => (await import('./validate.command.js')).validate, flags),
  );
  ofEntry(
    command(program, 'clear', 'Evict an entry, a tag, a pattern, a cache or a tenant, everywhere.'),
  )
    .option('--tag <tag>', 'what has this tag')
    .option('--pattern <pattern>', "what a pattern takes, e.g. 'lead.*/+1555*'")
    .option('--everything', 'everything under the prefix, of all tenants')
    .option('--erase', 'with --tenant alone: delete its keys, too, and do not wait for their ttl')
    .option(...MAX_KEYS)
    .option('-y, --yes', 'do not ask')
    .action((flags: ClearFlags & CommonFlags) =>
      run(async () => (await import('./clear.command.js')).clear, flags),
    );
}

function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
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
    )
    .option('--json', 'print JSON')
    .addOption(new Option('--no-color', 'no colours'))
    .allowExcessArguments(false);
}

function ofEntry(to: Command): Command {
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

function collect(value: string, sofar: readonly string[] = []): readonly string[] {
  return [...sofar, value];
}
