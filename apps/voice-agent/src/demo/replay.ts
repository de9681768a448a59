import { randomUUID } from 'node:crypto';
import { API_KEY_HEADER } from '../access/api-key.guard.js';
import { DEVELOPMENT_WEBHOOK_SECRET } from '../config/environment.js';
import { developmentApiKey } from '../database/seed/sample-organizations.js';
import type {
  ConversationInitiation,
  ConversationInitiationData,
} from '../webhooks/conversation-initiation.schema.js';
import { WEBHOOK_SECRET_HEADER } from '../webhooks/webhook-secret.guard.js';
import { Caller } from './caller.js';
import type { Edit, Exchange } from './traffic.js';

export const IN_FLIGHT = 64;

/** Sends recorded traffic to the app and keeps count of what comes back. */
export class Replay {
  /** How long each recorded call took; the ones that check an edit are extra. */
  readonly latenciesMs: number[] = [];
  requests = 0;
  /** Requests with no answer, or another one than 200. */
  unanswered = 0;
  /** Leads who called after their name was corrected and were addressed by the old one. */
  stale = 0;

  private readonly caller: Caller;

  constructor(url: string) {
    this.caller = new Caller(url, IN_FLIGHT);
  }

  /** @param onProgress is told before each exchange how many have begun */
  async run(traffic: readonly Exchange[], onProgress?: (begun: number) => void): Promise<this> {
    let next = 0;
    const sendInTurn = async (): Promise<void> => {
      for (let index = next++; index < traffic.length; index = next++) {
        onProgress?.(index);
        await this.exchange(traffic[index] as Exchange);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, sendInTurn));
    this.caller.close();
    return this;
  }

  private async exchange(exchange: Exchange): Promise<void> {
    if (exchange.kind === 'call') {
      const startedAt = performance.now();
      await this.call(exchange.call);
      this.latenciesMs.push(performance.now() - startedAt);
      return;
    }
    // Another one in each replay, so that an answer from before shows.
    const lastName = `${exchange.lastName} ${randomUUID().slice(0, 8)}`;
    if (!(await this.edit(exchange, lastName))) return;
    const body = await this.call(exchange.call);
    if (body !== null && !customerNameIn(body).endsWith(lastName)) this.stale += 1;
  }

  private async edit({ organizationId, leadId }: Edit, lastName: string): Promise<boolean> {
    const headers = { [API_KEY_HEADER]: developmentApiKey(organizationId) };
    return (await this.send('PATCH', `/leads/${leadId}`, headers, { lastName })) !== null;
  }

  private call(call: ConversationInitiation): Promise<string | null> {
    const headers = { [WEBHOOK_SECRET_HEADER]: DEVELOPMENT_WEBHOOK_SECRET };
    return this.send('POST', '/webhooks/conversation-initiation', headers, call);
  }

  private async send(
    method: string,
    path: string,
    headers: Record<string, string>,
    payload: object,
  ): Promise<string | null> {
    this.requests += 1;
    const answer = await this.caller.send(method, path, headers, payload).catch(() => null);
    if (answer?.status === 200) return answer.body;
    this.unanswered += 1;
    return null;
  }
}

function customerNameIn(body: string): string {
  return (JSON.parse(body) as ConversationInitiationData).dynamic_variables.customer_name;
}
