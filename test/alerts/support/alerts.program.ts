import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheAlertsService, CacheService, RedisCacheModule } from 'nestjs-redis-cache';

const [url = '', secret = ''] = process.argv.slice(2);

@Module({
  imports: [
    RedisCacheModule.forRoot({
      connection: { host: '127.0.0.1', port: 1 },
      alerts: {
        interval: '10ms',
        disconnected: { after: '10ms' },
        webhook: { url, secret, retry: '1h' },
      },
    }),
  ],
})
class AppModule {}

/** Raises an alert, closes while the post waits for its second attempt, and ends by itself. */
async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  await new Promise<void>((resolve) => {
    app.get(CacheService).on('alert', () => resolve());
  });
  await new Promise((resolve) => process.once('message', resolve));
  await app.close();
  process.send?.(app.get(CacheAlertsService).webhookCounts);
  process.disconnect();
}

void main();
