import type { Terminal } from './terminal.js';

/** The terminal, or the pipes, that this process was started with. */
export function processTerminal(from: NodeJS.Process): Terminal {
  const { stdout, stderr, stdin, env } = from;
  // Whoever read what we write, `head` for instance, has had enough: that is no failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    stdout,
    stderr,
    stdin,
    env,
    // Only some ask, and there may be none any more.
    get cwd() {
      return from.cwd();
    },
    onInterrupt: (listener) => {
      from.on('SIGINT', listener).on('SIGTERM', listener);
      return () => from.off('SIGINT', listener).off('SIGTERM', listener);
    },
  };
}
