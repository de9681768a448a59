import { Module } from '@nestjs/common';
import { HumanControlController } from './human-control.controller.js';
import { HumanControlService } from './human-control.service.js';

@Module({
  controllers: [HumanControlController],
  providers: [HumanControlService],
  exports: [HumanControlService],
})
export class HumanControlModule {}
