import type { INestApplication } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { RedisServer } from './cache/redis-server.js';
import {
  DEVELOPMENT_OPERATOR_KEY,
  DEVELOPMENT_WEBHOOK_SECRET,
  type Environment,
} from './config/environment.js';
import { DatabaseConnection } from './database/database-connection.js';
import { SAMPLE_ORGANIZATIONS, developmentApiKey } from './database/seed/sample-organizations.js';

/** Where the app is, what it runs on, and what to try first. */
export function startupBanner(app: INestApplication, url: string): string {
  const config = app.get<ConfigService<Environment, true>>(ConfigService);
  const seeded = config.get('SEED', { infer: true });
  const secret = config.get('ELEVENLABS_WEBHOOK_SECRET', { infer: true });
  const secretIsPublic = secret === DEVELOPMENT_WEBHOOK_SECRET;
  const operatorKey = config.get('OPERATOR_KEY', { infer: true });
  const operatorKeyIsPublic = operatorKey === DEVELOPMENT_OPERATOR_KEY;
  const lines = [
    `Voice agent    ${url}    API: ${url}/docs`,
    `Database       ${app.get(DatabaseConnection).description}`,
    `Cache          ${app.get(RedisServer).description}`,
    `Operating it   ${url}/admin${operatorKeyIsPublic ? `    key: ${operatorKey}` : ''}`,
    ...(seeded ? sampleOrganizations() : []),
    ...(seeded && secretIsPublic ? worthTrying(url) : []),
    ...(secretIsPublic
      ? ['', 'ELEVENLABS_WEBHOOK_SECRET is not set: the webhook takes the one everybody knows.']
      : []),
    ...(operatorKeyIsPublic
      ? ['', 'OPERATOR_KEY is not set: /admin takes the one everybody knows.']
      : []),
  ];
  return `\n${lines.map((line) => `  ${line}`.trimEnd()).join('\n')}\n\n`;
}

function sampleOrganizations(): string[] {
  return [
    '',
    'Sample organizations, with their numbers and development API keys:',
    ...SAMPLE_ORGANIZATIONS.map(
      ({ row }) => `  ${row.name.padEnd(16)} ${row.phone}  ${developmentApiKey(row.id)}`,
    ),
  ];
}

function worthTrying(url: string): string[] {
  const key = developmentApiKey('acme-solar');
  const call =
    '{"caller_id":"+12015550106","agent_id":"a","called_number":"+14155550100","call_sid":"c"}';
  return [
    '',
    'Worth trying (twice: the second answer comes from the cache):',
    `  curl ${url}/leads/lead_0007/context -H 'x-api-key: ${key}'`,
    `  curl ${url}/webhooks/conversation-initiation -H 'x-webhook-secret: ${DEVELOPMENT_WEBHOOK_SECRET}' -H 'content-type: application/json' -d '${call}'`,
    `  curl ${url}/health`,
  ];
}
