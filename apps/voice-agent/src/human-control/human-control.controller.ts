import {
  Body,
  ConflictException,
  Controller,
  Delete,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Put,
} from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  humanControlSchema,
  takeOver,
  type HumanControl,
  type TakeOver,
} from './human-control.schema.js';
import { HumanControlService } from './human-control.service.js';

const AGENT_LEADS = { takenBy: null, takenAt: null };

@ApiTags('human control')
@Controller('conversations/:conversationId/control')
export class HumanControlController {
  constructor(private readonly humanControl: HumanControlService) {}

  @Get()
  @ApiOperation({ summary: 'Who leads the conversation' })
  @ApiOkResponse({ standardSchema: humanControlSchema })
  async show(
    @Param('conversationId') conversationId: string,
  ): Promise<HumanControl | typeof AGENT_LEADS> {
    return (await this.humanControl.current(conversationId)) ?? AGENT_LEADS;
  }

  @Put()
  @ApiOperation({ summary: 'Take the conversation over from the agent, unless somebody has' })
  @ApiOkResponse({ standardSchema: humanControlSchema })
  async take(
    @Param('conversationId') conversationId: string,
    @Body({ schema: takeOver }) { takenBy }: TakeOver,
  ): Promise<HumanControl> {
    const outcome = await this.humanControl.takeOver(conversationId, takenBy);
    if (outcome === 'already taken') throw new ConflictException('Somebody has taken it over');
    if (outcome === 'no such conversation') {
      throw new NotFoundException('There is no such conversation');
    }
    return outcome;
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Give the conversation back to the agent' })
  @ApiNoContentResponse()
  release(@Param('conversationId') conversationId: string): Promise<void> {
    return this.humanControl.release(conversationId);
  }
}
