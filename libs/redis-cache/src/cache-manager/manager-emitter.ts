import { EventEmitter } from 'node:events';
import type { Logger } from '@nestjs/common';
import type { ManagerEvent, ManagerListener } from './manager-events.js';

/** Tells what the manager does, in the way of cache-manager. A listener that throws disturbs nothing. */
export class ManagerEmitter {
  private readonly emitter = new EventEmitter();

  constructor(private readonly logger: Logger) {}

  on(event: ManagerEvent, listener: ManagerListener): EventEmitter {
    return this.emitter.addListener(event, listener as (payload: unknown) => void);
  }

  off(event: ManagerEvent, listener: ManagerListener): EventEmitter {
    return this.emitter.removeListener(event, listener as (payload: unknown) => void);
  }

  tell(event: ManagerEvent, payload?: unknown): void {
    try {
      this.emitter.emit(event, payload);
    } catch (error) {
      this.logger.error(`A listener of '${event}' failed`, error);
    }
  }

  /** Acts, and tells if it fails: who succeeds has more to tell. */
  async attempt<R>(
    event: Exclude<ManagerEvent, 'clear'>,
    data: object,
    act: () => Promise<R>,
  ): Promise<R> {
    try {
      return await act();
    } catch (error) {
      this.tell(event, { ...data, error });
      throw error;
    }
  }
}
