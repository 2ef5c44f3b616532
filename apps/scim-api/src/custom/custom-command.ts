import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { resourceStream, type ResourceCommand, type ResourceEvent, type ResourceState } from '#directory';
import { CommandRunner, type CommandRequest, type CommandResult } from '#event-sourcing';

/** A change of one resource of a tenant's own type, asked for by a request. */
export class RunResourceCommand extends Command<CommandResult<ResourceState, ResourceEvent>> {
  constructor(readonly request: CommandRequest<ResourceCommand>) {
    super();
  }
}

@CommandHandler(RunResourceCommand)
export class RunResourceCommandHandler implements ICommandHandler<RunResourceCommand> {
  constructor(private readonly runner: CommandRunner) {}

  execute({ request }: RunResourceCommand): Promise<CommandResult<ResourceState, ResourceEvent>> {
    return this.runner.run(resourceStream, { ...request, isNew: request.command.type === 'CreateResource' });
  }
}
