import { ConfigService } from '@nestjs/config';
import { createApplication } from './application.js';
import type { Environment } from './config/environment.js';
import { startupBanner } from './startup-banner.js';

async function main(): Promise<void> {
  const app = await createApplication();
  const config = app.get<ConfigService<Environment, true>>(ConfigService);
  try {
    await app.listen(config.get('PORT', { infer: true }), config.get('HOST', { infer: true }));
  } catch (error) {
    await app.close();
    throw error;
  }
  process.stdout.write(startupBanner(app, await app.getUrl()));
}

main().catch((error: unknown) => {
  process.stderr.write(`The app did not start: ${reasonsOf(error).join(': ')}\n`);
  process.exitCode = 1;
});

/** The message of an error and of what caused it; stacks help nobody here. */
function reasonsOf(error: unknown): string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(reasonsOf);
  return error instanceof Error ? [error.message, ...reasonsOf(error.cause)] : [];
}
