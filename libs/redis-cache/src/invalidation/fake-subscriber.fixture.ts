import { EventEmitter } from 'node:events';
import type { SubscriberClient } from '../connection/subscriber.js';

/** A connection for listening that the test makes ready, ends and has told things. */
export class FakeSubscriber extends EventEmitter implements SubscriberClient {
  status = 'connecting';
  readonly options = {};
  readonly channels = new Set<string>();
  /** What it was asked for besides, in order. */
  readonly calls: string[] = [];
  /** What the server answers to these instead. */
  readonly refusals = new Map<string, Error>();

  connect(): Promise<void> {
    return Promise.resolve();
  }

  quit(): Promise<void> {
    if (this.hangs) return new Promise(() => undefined);
    this.status = 'end';
    return Promise.resolve();
  }

  disconnect(): void {
    this.status = 'end';
  }

  /** Nothing is answered any more, though the connection stays open. */
  hangs = false;

  subscribe(...channels: string[]): Promise<void> {
    if (this.hangs) return new Promise(() => undefined);
    for (const channel of channels) this.channels.add(channel);
    return Promise.resolve();
  }

  ssubscribe(...channels: string[]): Promise<void> {
    const refusal = this.refusals.get('ssubscribe');
    return refusal ? Promise.reject(refusal) : this.subscribe(...channels);
  }

  call(...command: string[]): Promise<unknown> {
    this.calls.push(command.join(' '));
    const refusal = this.refusals.get('call');
    return refusal ? Promise.reject(refusal) : Promise.resolve(7);
  }

  becomeReady(): void {
    this.status = 'ready';
    this.emit('ready');
  }

  end(): void {
    this.status = 'end';
    this.emit('end');
  }
}
