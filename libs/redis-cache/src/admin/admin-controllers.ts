import {
  Controller,
  UseFilters,
  UseGuards,
  UseInterceptors,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import { AdminAccessGuard } from './admin-access.guard.js';
import { AdminProblemFilter } from './admin-problem.filter.js';
import type { ResolvedAdminSurface } from './admin.options.js';
import { EntriesController } from './entries.controller.js';
import { EventsController } from './events.controller.js';
import { EvictionsController } from './evictions.controller.js';
import { NoStoreInterceptor } from './no-store.interceptor.js';
import { OverviewController } from './overview.controller.js';
import { PageController } from './page.controller.js';
import { PurgesController } from './purges.controller.js';
import { RolloutsController } from './rollouts.controller.js';
import { WebhookController } from './webhook.controller.js';

const GUARDED = [
  OverviewController,
  EntriesController,
  EvictionsController,
  PurgesController,
  RolloutsController,
  EventsController,
];

/**
 * The controllers of one registration. Each is a class of its own under the path and behind the guards
 * given, so that two applications in one process do not share them.
 */
export function adminControllers(surface: ResolvedAdminSurface): Type[] {
  const guarded = GUARDED.map((base) => placed(base, surface, true));
  const webhook = placed(WebhookController, surface, false);
  // Last, so that no other route of the path is taken for a file of it.
  const page = surface.page ? [placed(PageController, surface, !surface.page.open)] : [];
  return [...guarded, webhook, ...page];
}

function placed(
  base: Type<object>,
  { path, guards, decorators }: ResolvedAdminSurface,
  isGuarded: boolean,
): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseFilters(AdminProblemFilter)
  @UseInterceptors(NoStoreInterceptor)
  class Placed extends base {}
  Object.defineProperty(Placed, 'name', { value: base.name });
  if (isGuarded) UseGuards(...guards, AdminAccessGuard)(Placed);
  for (const decorate of decorators) decorate(Placed);
  return Placed;
}
