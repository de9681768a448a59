import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { INestApplicationContext, LoggerService, Type } from '@nestjs/common';
import { failureReason } from '../connection/failure-kind.js';
import { UsageError } from './command.error.js';
import type { Screen } from './terminal.js';

type Exports = Readonly<Record<string, unknown>>;

/** An application of the user's, started without a server. */
export interface NestApplication {
  readonly context: INestApplicationContext;
  /** What this library exports as the application knows it: it may have a copy of its own. */
  readonly library: Exports;
}

/**
 * Starts the module that `place` names, `dist/app.module#AppModule`. Its Nest is used, and its log goes
 * to `log`.
 *
 * @throws {UsageError} there is no such module
 * @throws whatever stops its boot
 */
export async function startApplication(place: string, log: Screen): Promise<NestApplication> {
  const { file, module } = await moduleAt(place);
  const nest = await load(dependency(file, '@nestjs/core'));
  const library = await load(dependency(file, 'nestjs-redis-cache'));
  const { NestFactory } = nest as unknown as typeof import('@nestjs/core');
  const context = await NestFactory.createApplicationContext(module, {
    abortOnError: false,
    logger: logTo(log),
  });
  return { context, library };
}

async function moduleAt(place: string): Promise<{ file: string; module: Type }> {
  const [path = '', name] = place.split('#', 2);
  const file = fileOf(path);
  const found = await load(file);
  const classes = Object.keys(found).filter((key) => typeof found[key] === 'function');
  const chosen = name ?? (classes.length === 1 ? classes[0] : undefined);
  const module = chosen === undefined ? undefined : found[chosen];
  if (typeof module === 'function') return { file, module: module as Type };
  throw new UsageError(
    name === undefined
      ? `--app is '${place}', which exports ${listOf(classes)}. Say which: ${path}#AppModule.`
      : `--app is '${place}', and there is no class ${name} in it; it exports ${listOf(classes)}.`,
  );
}

function fileOf(path: string): string {
  const absolute = resolve(path);
  try {
    return createRequire(absolute).resolve(absolute);
  } catch {
    throw new UsageError(
      `--app names ${absolute}, and there is no such file. Name a compiled module, e.g. dist/app.module#AppModule.`,
    );
  }
}

function dependency(file: string, name: string): string {
  try {
    return createRequire(file).resolve(name);
  } catch (error) {
    throw new UsageError(
      `The application of --app does not find ${name} (${failureReason(error)}).`,
    );
  }
}

/** By `require` where that is possible: it also knows what hooks of the application's own compile. */
async function load(file: string): Promise<Exports> {
  try {
    return createRequire(file)(file) as Exports;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_REQUIRE_ESM' && code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    return (await import(pathToFileURL(file).href)) as Exports;
  }
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'no class' : `the classes ${names.join(', ')}`;
}

/** Warnings and errors alone: standard output is for what was asked for. */
function logTo(screen: Screen): LoggerService {
  const write = (message: unknown): void => {
    screen.write(
      `${message instanceof Error ? (message.stack ?? message.message) : String(message)}\n`,
    );
  };
  return { log: () => undefined, warn: write, error: write, fatal: write };
}
