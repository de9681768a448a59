import { Command } from 'commander';
import type { ClearFlags } from './clear.command.js';
import type { CommandRun, CommonFlags } from './context.js';
import type { HealthFlags } from './health.command.js';
import type { InitFlags } from './init.command.js';
import type { InspectFlags } from './inspect.command.js';
import type { MonitorFlags } from './monitor.command.js';
import {
  collect,
  FROM,
  FROM_HEADER,
  MAX_KEYS,
  ofEntry,
  plainCommand,
  redisCommand,
} from './shared-flags.js';
import type { StatsFlags } from './stats.command.js';
import type { TenantsFlags } from './tenants.command.js';
import type { Terminal } from './terminal.js';
import type { ValidateFlags } from './validate.command.js';
import type { WarmFlags } from './warm.command.js';

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
  redisCommand(program, 'health', 'Say whether Redis can be used, and how it is.').action(
    (flags: HealthFlags & CommonFlags) =>
      run(async () => (await import('./health.command.js')).health, flags),
  );
  redisCommand(
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
  redisCommand(program, 'monitor', 'Watch rates and latencies as they change; Ctrl-C ends it.')
    .option('-i, --interval <duration>', 'between two looks', '2s')
    .option('-n, --count <n>', 'end after so many looks; 0 for never', '0')
    .option(...FROM)
    .option(...FROM_HEADER)
    .action((flags: MonitorFlags & CommonFlags) =>
      run(async () => (await import('./monitor.command.js')).monitor, flags),
    );
  redisCommand(program, 'tenants', 'List who has entries in Redis.')
    .option('--top <n>', 'show those with the most entries, so many', '20')
    .option(...MAX_KEYS)
    .action((flags: TenantsFlags & CommonFlags) =>
      run(async () => (await import('./tenants.command.js')).tenants, flags),
    );
  ofEntry(
    redisCommand(
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
  plainCommand(program, 'init', 'Add the cache to the Nest project in the current folder.')
    .option('--module <file>', 'its root module, e.g. src/app.module.ts#AppModule')
    .option('--project <name>', 'of a monorepo, as nest-cli.json calls it')
    .option('--install', 'install the packages that are missing, too')
    .option('--dry-run', 'show the changes as a patch, and write nothing')
    .action((flags: InitFlags & CommonFlags) =>
      run(async () => (await import('./init.command.js')).init, flags),
    );
  redisCommand(
    program,
    'validate',
    'Check all that a cache needs of Redis, before it is switched on.',
  ).action((flags: ValidateFlags & CommonFlags) =>
    run(async () => (await import('./validate.command.js')).validate, flags),
  );
  ofEntry(
    redisCommand(
      program,
      'clear',
      'Evict an entry, a tag, a pattern, a cache or a tenant, everywhere.',
    ),
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
  plainCommand(program, 'warm', 'Run the warmers of an application, with a progress bar.')
    .requiredOption('--app <module>', 'its compiled root module, e.g. dist/app.module#AppModule')
    .option('--only <name>', 'this warmer alone; may be given several times', collect)
    .action((flags: WarmFlags & CommonFlags) =>
      run(async () => (await import('./warm.command.js')).warm, flags),
    );
}
