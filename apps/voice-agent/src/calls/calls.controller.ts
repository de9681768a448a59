import { Body, ConflictException, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { LeadsService } from '../leads/leads.service.js';
import { found } from '../problems/found.js';
import { TakenValueException } from '../problems/taken-value.exception.js';
import {
  callEnd,
  callSchema,
  newCall,
  type Call,
  type CallEnd,
  type NewCall,
} from './call.schema.js';
import { CallsService } from './calls.service.js';

@ApiTags('calls')
@Controller('calls')
export class CallsController {
  constructor(
    private readonly calls: CallsService,
    private readonly leads: LeadsService,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Start a call session, once for each call of the provider' })
  @ApiCreatedResponse({ standardSchema: callSchema })
  async start(@Body({ schema: newCall }) call: NewCall): Promise<Call> {
    if (call.leadId != null) found(await this.leads.findById(call.leadId), 'lead');
    const started = await this.calls.start(call);
    if (!started) throw new TakenValueException('callSid', 'This call was started before');
    return started;
  }

  @Get(':callId')
  @ApiOperation({ summary: 'The state of a call' })
  @ApiOkResponse({ standardSchema: callSchema })
  async show(@Param('callId') callId: string): Promise<Call> {
    return found(await this.calls.findById(callId), 'call');
  }

  @Post(':callId/end')
  @HttpCode(200)
  @ApiOperation({ summary: 'End a call in progress' })
  @ApiOkResponse({ standardSchema: callSchema })
  async end(
    @Param('callId') callId: string,
    @Body({ schema: callEnd }) { outcome }: CallEnd,
  ): Promise<Call> {
    found(await this.calls.findById(callId), 'call');
    const ended = await this.calls.end(callId, outcome);
    if (!ended) throw new ConflictException('This call has ended already');
    return ended;
  }
}
