import { Logger } from '@nestjs/common';
import { Pool } from 'pg';

/**
 * Connections to the PostgreSQL at `connectionString`, made as they are needed. One that the server
 * ends while nobody uses it is replaced; without a listener it would end the app.
 */
export function openPool(connectionString: string): Pool {
  const logger = new Logger('PostgreSQL');
  const pool = new Pool({ connectionString });
  pool.on('error', ({ message }) => logger.warn(`PostgreSQL ended a connection: ${message}`));
  return pool;
}
