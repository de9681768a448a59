import { Body, Controller, Get, Param, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { cacheStatusInterceptor } from 'nestjs-redis-cache';
import { RateLimited } from 'nestjs-redis-cache/throttler';
import { z } from 'zod';
import { pageOf, type Page } from '../pagination/page.js';
import { found } from '../problems/found.js';
import {
  leadChanges,
  leadQuery,
  leadImport,
  leadSchema,
  newLead,
  type Lead,
  type LeadChanges,
  type LeadImport,
  type LeadQuery,
  type NewLead,
} from './lead.schema.js';
import { LeadsService } from './leads.service.js';
import { phoneNumber } from './phone-number.js';

const byPhone = z.object({ phone: phoneNumber });
const leadId = z.object({ leadId: z.string() }).meta({ id: 'LeadId' });
const leadPhone = z.object({ phone: z.string() }).meta({ id: 'LeadPhone' });
const importedLeads = z.object({ leads: z.array(leadSchema) }).meta({ id: 'ImportedLeads' });

@ApiTags('leads')
@Controller('leads')
@UseInterceptors(cacheStatusInterceptor('voice-agent'))
export class LeadsController {
  constructor(private readonly leads: LeadsService) {}

  @Get()
  @RateLimited('search')
  @ApiOperation({ summary: 'List leads, by status if given' })
  @ApiOkResponse({ standardSchema: pageOf(leadSchema, 'LeadPage') })
  list(@Query({ schema: leadQuery }) query: LeadQuery): Promise<Page<Lead>> {
    return this.leads.list(query);
  }

  @Get('by-phone/:phone')
  @ApiOperation({ summary: 'The lead with this phone number, in any spelling' })
  @ApiOkResponse({ standardSchema: leadSchema })
  async showByPhone(@Param({ schema: byPhone }) { phone }: z.infer<typeof byPhone>): Promise<Lead> {
    return found(await this.leads.findByPhone(phone), 'lead');
  }

  @Get('by-phone/:phone/id')
  @ApiOperation({ summary: 'From a phone number to the id of its lead' })
  @ApiOkResponse({ standardSchema: leadId })
  async showId(
    @Param({ schema: byPhone }) { phone }: z.infer<typeof byPhone>,
  ): Promise<z.infer<typeof leadId>> {
    return { leadId: found(await this.leads.idOf(phone), 'lead') };
  }

  @Get(':leadId/phone')
  @ApiOperation({ summary: 'From the id of a lead to its phone number' })
  @ApiOkResponse({ standardSchema: leadPhone })
  async showPhone(@Param('leadId') id: string): Promise<z.infer<typeof leadPhone>> {
    return { phone: found(await this.leads.phoneOf(id), 'lead') };
  }

  @Get(':leadId')
  @ApiOperation({ summary: 'One lead' })
  @ApiOkResponse({ standardSchema: leadSchema })
  async show(@Param('leadId') id: string): Promise<Lead> {
    return found(await this.leads.findById(id), 'lead');
  }

  @Post()
  @ApiOperation({ summary: 'Enter a lead' })
  @ApiCreatedResponse({ standardSchema: leadSchema })
  create(@Body({ schema: newLead }) lead: NewLead): Promise<Lead> {
    return this.leads.create(lead);
  }

  @Post('import')
  @RateLimited('upload')
  @ApiOperation({ summary: 'Enter many leads at once, or none' })
  @ApiCreatedResponse({ standardSchema: importedLeads })
  async import(@Body({ schema: leadImport }) { leads }: LeadImport): Promise<{ leads: Lead[] }> {
    return { leads: await this.leads.createAll(leads) };
  }

  @Patch(':leadId')
  @ApiOperation({ summary: 'Change a lead' })
  @ApiOkResponse({ standardSchema: leadSchema })
  async update(
    @Param('leadId') id: string,
    @Body({ schema: leadChanges }) changes: LeadChanges,
  ): Promise<Lead> {
    return found(await this.leads.update(id, changes), 'lead');
  }
}
