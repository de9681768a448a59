/** Starts one application and tells how long that took; `workloads/start-up.workload.ts` asks for it. */

import type { ModuleMetadata } from '@nestjs/common';
import type { Application, Start } from './workloads/start-up.workload.js';

async function main(application: Application, url: string): Promise<void> {
  const beganMs = performance.now();
  const began = process.cpuUsage();
  const { Module } = await import('@nestjs/common');
  const { NestFactory } = await import('@nestjs/core');
  const parts = await partsOf(application, url);
  @Module(parts)
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const { user, system } = process.cpuUsage(began);
  const took = { wallNs: (performance.now() - beganMs) * 1e6, cpuNs: (user + system) * 1e3 };
  process.send?.(took satisfies Start);
  await app.close();
  process.disconnect();
}

/** Loaded here, for loading is part of the time. */
async function partsOf(application: Application, url: string): Promise<ModuleMetadata> {
  switch (application) {
    case 'bare':
      return {};
    case 'client': {
      const { Redis } = await import('ioredis');
      const redis = new Redis(url);
      const closing = { onModuleDestroy: () => redis.disconnect() };
      return { providers: [{ provide: 'REDIS', useValue: closing }] };
    }
    case 'cache': {
      const { RedisCacheModule } = await import('nestjs-redis-cache');
      return { imports: [RedisCacheModule.forRoot({ connection: { url } })] };
    }
  }
}

void main(process.argv[2] as Application, process.argv[3] as string);
