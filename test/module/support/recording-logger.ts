import { EventEmitter, once } from 'node:events';
import type { LoggerService } from '@nestjs/common';

type Level = 'log' | 'warn' | 'error';

/** Keeps what is logged, to be read by the test, and prints nothing. */
export class RecordingLogger implements LoggerService {
  readonly lines: (readonly [Level, ...unknown[]])[] = [];
  private readonly emitter = new EventEmitter();

  /** What was logged at a level, each with the context it came from at the end. */
  of(level: Level): unknown[][] {
    return this.lines.filter(([of]) => of === level).map(([, ...line]) => line);
  }

  /** The first line of a level, also when it was logged before. */
  async first(level: Level): Promise<unknown[]> {
    for (;;) {
      const [line] = this.of(level);
      if (line) return line;
      await once(this.emitter, 'line');
    }
  }

  log(...line: unknown[]): void {
    this.keep('log', line);
  }

  warn(...line: unknown[]): void {
    this.keep('warn', line);
  }

  error(...line: unknown[]): void {
    this.keep('error', line);
  }

  private keep(level: Level, line: unknown[]): void {
    this.lines.push([level, ...line]);
    this.emitter.emit('line');
  }
}
