import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { currentOrganization } from '../access/current-organization.js';
import { found } from '../problems/found.js';
import {
  organizationChanges,
  organizationSchema,
  type Organization,
  type OrganizationChanges,
} from './organization.schema.js';
import { OrganizationsService } from './organizations.service.js';

@ApiTags('organization')
@Controller('organization')
export class OrganizationsController {
  constructor(private readonly organizations: OrganizationsService) {}

  @Get()
  @ApiOperation({ summary: 'The organization the API key belongs to' })
  @ApiOkResponse({ standardSchema: organizationSchema })
  async show(): Promise<Organization> {
    return found(await this.organizations.findById(currentOrganization()), 'organization');
  }

  @Patch()
  @ApiOperation({ summary: 'Rename it; callers hear the new name from the next call on' })
  @ApiOkResponse({ standardSchema: organizationSchema })
  update(
    @Body({ schema: organizationChanges }) changes: OrganizationChanges,
  ): Promise<Organization> {
    return this.organizations.update(currentOrganization(), changes);
  }
}
