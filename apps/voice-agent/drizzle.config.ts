import { defineConfig } from 'drizzle-kit';

/**
 * Writes a migration for what has changed in the schema:
 *
 *     npx drizzle-kit generate --config apps/voice-agent/drizzle.config.ts --name what-changed
 */
export default defineConfig({
  dialect: 'postgresql',
  schema: './apps/voice-agent/src/database/schema.ts',
  out: './apps/voice-agent/src/database/migrations',
});
