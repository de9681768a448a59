import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { serveOpenApi } from './open-api.js';

/** The app, complete and not yet listening: for `main.ts`, the demo and the tests. */
export async function createApplication(): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(),
    new FastifyAdapter(),
    // Signatures are of the bytes that came, for the webhooks of the cache.
    { logger: ['fatal', 'error', 'warn'], abortOnError: false, rawBody: true },
  );
  app.enableShutdownHooks();
  serveOpenApi(app);
  return app;
}
