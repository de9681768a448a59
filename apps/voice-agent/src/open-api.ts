import type { INestApplication } from '@nestjs/common';
import {
  DocumentBuilder,
  SwaggerModule,
  type OpenAPIObject,
  type SchemaObject,
} from '@nestjs/swagger';
import { adminOpenApi } from 'nestjs-redis-cache/admin';
import { z } from 'zod';
import { API_KEY_HEADER } from './access/api-key.guard.js';
import { OPERATOR_KEY_HEADER } from './admin/admin-key.guard.js';
import { ADMIN_PATH } from './admin/admin.module.js';
import { problemSchema } from './problems/problem.js';

/** Serves the description of the API at `/docs`, and as JSON at `/docs-json`. */
export function serveOpenApi(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), { customSiteTitle: 'Voice agent' });
}

/** Bodies, parameters and answers are described by the schemas that also check them. */
function describeApi(app: INestApplication): OpenAPIObject {
  const info = new DocumentBuilder()
    .setTitle('Voice agent')
    .setDescription(
      'The back end of voice agents that take calls for several organizations. ' +
        'Example app of nestjs-redis-cache.',
    )
    .setVersion('1.0')
    .addApiKey({ type: 'apiKey', in: 'header', name: API_KEY_HEADER }, API_KEY_HEADER)
    .addApiKey({ type: 'apiKey', in: 'header', name: OPERATOR_KEY_HEADER }, OPERATOR_KEY_HEADER)
    .addSecurityRequirements(API_KEY_HEADER)
    .addGlobalResponse({
      status: 'default',
      description: 'What went wrong',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    })
    .build();
  const document = SwaggerModule.createDocument(app, info);
  const problem = z.toJSONSchema(problemSchema, { target: 'openapi-3.0' });
  const admin = adminOpenApi({
    path: ADMIN_PATH,
    page: false,
    security: [{ [OPERATOR_KEY_HEADER]: [] }, { [API_KEY_HEADER]: [] }],
  });
  const schemas = {
    ...document.components?.schemas,
    ...(admin.components.schemas as Record<string, SchemaObject>),
    Problem: problem as SchemaObject,
  };
  return {
    ...document,
    paths: { ...document.paths, ...(admin.paths as OpenAPIObject['paths']) },
    components: { ...document.components, schemas },
  };
}
