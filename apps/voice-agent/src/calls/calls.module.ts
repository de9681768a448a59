import { Module } from '@nestjs/common';
import { LeadsModule } from '../leads/leads.module.js';
import { CallsController } from './calls.controller.js';
import { CallsService } from './calls.service.js';

@Module({
  imports: [LeadsModule],
  controllers: [CallsController],
  providers: [CallsService],
})
export class CallsModule {}
