#!/usr/bin/env node
import { ownManifest } from './own-manifest.js';
import { processTerminal } from './process-terminal.js';
import { runCli } from './run-cli.js';

const { version } = ownManifest();

void runCli(process.argv.slice(2), processTerminal(process), version).then((code) => {
  process.exitCode = code;
});
