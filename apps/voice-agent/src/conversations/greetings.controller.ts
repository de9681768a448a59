import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { channelSchema } from './conversation.schema.js';
import { GreetingsService } from './greetings.service.js';

const byChannel = z.object({ channel: channelSchema });
type ByChannel = z.infer<typeof byChannel>;

const greeting = z
  .object({ template: z.string().trim().min(1).max(500) })
  .meta({ id: 'Greeting', description: 'May hold {first_name} and {organization}' });
type Greeting = z.infer<typeof greeting>;

@ApiTags('conversations')
@Controller('greetings')
export class GreetingsController {
  constructor(private readonly greetings: GreetingsService) {}

  @Get(':channel')
  @ApiOperation({ summary: 'What an agent says first on a channel' })
  @ApiOkResponse({ standardSchema: greeting })
  async show(@Param({ schema: byChannel }) { channel }: ByChannel): Promise<Greeting> {
    return { template: await this.greetings.template(channel) };
  }

  @Put(':channel')
  @ApiOperation({ summary: 'Change it; the next call hears the new one' })
  @ApiOkResponse({ standardSchema: greeting })
  async change(
    @Param({ schema: byChannel }) { channel }: ByChannel,
    @Body({ schema: greeting }) { template }: Greeting,
  ): Promise<Greeting> {
    await this.greetings.change(channel, template);
    return { template };
  }
}
