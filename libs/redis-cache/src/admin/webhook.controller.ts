import { HttpCode, Inject, Post, Req } from '@nestjs/common';
import { AdminEvictor, EVICTED_BY } from './admin-eviction.js';
import type { WebhookAccepted } from './admin.contract.js';
import { BodyFields } from './fields.decorator.js';
import { Fields } from './fields.js';
import { WebhookGate, type SignedRequest } from './webhook-gate.js';

const MAX_INVALIDATIONS = 100;

/** Invalidations that other systems tell of, who prove themselves by a signature. */
export class WebhookController {
  constructor(
    @Inject(WebhookGate) private readonly gate: WebhookGate,
    @Inject(AdminEvictor) private readonly evictor: AdminEvictor,
  ) {}

  /** Makes all of them, or none where one cannot be read. */
  @Post('webhook')
  @HttpCode(200)
  async invalidate(
    @Req() request: SignedRequest,
    @BodyFields() body: Fields,
  ): Promise<WebhookAccepted> {
    const { principal, claim } = this.gate.check(request);
    const items = body.only('invalidations').list('invalidations', MAX_INVALIDATIONS);
    const evictions = items.map((item) =>
      this.evictor.read(item.oneOf('by', EVICTED_BY), principal, item, ['by']),
    );
    await claim();
    for (const eviction of evictions) await this.evictor.evict(eviction);
    return { applied: evictions.length };
  }
}
