import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const LINE = /^\+[\d.]+ \[\d+ (\S+)\] "([^"]*)"/;

/** A command that Redis ran, as `MONITOR` tells of it. */
export interface MonitoredCommand {
  readonly name: string;
  readonly byScript: boolean;
  readonly line: string;
}

/**
 * Hears of every command. On a socket of its own: clients can be confused by a command that is told
 * of in the same moment as `MONITOR` is answered.
 */
export class Monitor {
  private readonly listeners = new Set<(command: MonitoredCommand) => void>();

  private constructor(private readonly socket: Socket) {
    createInterface({ input: socket }).on('line', (line) => {
      const [, source, name] = LINE.exec(line) ?? [];
      if (source === undefined || name === undefined) return;
      const command = { name: name.toLowerCase(), byScript: source === 'lua', line };
      for (const listener of this.listeners) listener(command);
    });
  }

  /** Resolves once every later command will be heard of. */
  static async of(url: string): Promise<Monitor> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write('MONITOR\r\n');
    await once(socket, 'readable');
    return new Monitor(socket);
  }

  on(listener: (command: MonitoredCommand) => void): void {
    this.listeners.add(listener);
  }

  /** Resolves with the first command whose line contains the text. */
  heard(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.on(({ line }) => {
        if (line.includes(text)) resolve();
      });
    });
  }

  close(): void {
    this.socket.destroy();
  }
}
