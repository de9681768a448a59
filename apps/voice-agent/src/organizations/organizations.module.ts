import { Module } from '@nestjs/common';
import { OrganizationsController } from './organizations.controller.js';
import { OrganizationsService } from './organizations.service.js';
import { OrganizationsWarmer } from './organizations.warmer.js';

@Module({
  controllers: [OrganizationsController],
  providers: [OrganizationsService, OrganizationsWarmer],
  exports: [OrganizationsService],
})
export class OrganizationsModule {}
