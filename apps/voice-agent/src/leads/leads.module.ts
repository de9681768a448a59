import { Module } from '@nestjs/common';
import { LeadsController } from './leads.controller.js';
import { LeadsService } from './leads.service.js';
import { RecentLeadsWarmer } from './recent-leads.warmer.js';

@Module({
  controllers: [LeadsController],
  providers: [LeadsService, RecentLeadsWarmer],
  exports: [LeadsService],
})
export class LeadsModule {}
