import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { groupStream, GroupEvent, GroupState, RuledGroupCommand } from '#directory';
import { CommandRunner, type CommandRequest, type CommandResult } from '#event-sourcing';

export const GROUP_STREAM = Symbol('group stream');

/** A change of one group, asked for by a request. */
export class RunGroupCommand extends Command<CommandResult<GroupState, GroupEvent>> {
  constructor(readonly request: CommandRequest<RuledGroupCommand>) {
    super();
  }
}

/** The only handler groups need. */
@CommandHandler(RunGroupCommand)
export class RunGroupCommandHandler implements ICommandHandler<RunGroupCommand> {
  constructor(
    private readonly runner: CommandRunner,
    @Inject(GROUP_STREAM) private readonly stream: ReturnType<typeof groupStream>,
  ) {}

  execute({ request }: RunGroupCommand): Promise<CommandResult<GroupState, GroupEvent>> {
    return this.runner.run(this.stream, { ...request, isNew: request.command.type === 'CreateGroup' });
  }
}
