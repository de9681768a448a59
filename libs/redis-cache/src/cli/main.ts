#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processTerminal } from './process-terminal.js';
import { runCli } from './run-cli.js';

const manifest = readFileSync(join(__dirname, '../../package.json'), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };

void runCli(process.argv.slice(2), processTerminal(process), version).then((code) => {
  process.exitCode = code;
});
