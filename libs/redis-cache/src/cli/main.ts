#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { processTerminal } from './process-terminal.js';
import { runCli } from './run-cli.js';

const manifest = readFileSync(manifestAbove(__dirname), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };

void runCli(process.argv.slice(2), processTerminal(process), version).then((code) => {
  process.exitCode = code;
});

/** Sources and what is built of them lie at different depths. */
function manifestAbove(folder: string): string {
  const file = join(folder, 'package.json');
  return existsSync(file) ? file : manifestAbove(dirname(folder));
}
