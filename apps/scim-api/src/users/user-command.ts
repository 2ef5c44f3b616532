import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { userStream, type RuledUserCommand, type UserEvent, type UserState } from '#directory';
import { CommandRunner, type CommandRequest, type CommandResult } from '#event-sourcing';

/** A change of one user, asked for by a request. */
export class RunUserCommand extends Command<CommandResult<UserState, UserEvent>> {
  constructor(readonly request: CommandRequest<RuledUserCommand>) {
    super();
  }
}

/** The only handler users need: a new command is a new case in the decider, not a new class here. */
@CommandHandler(RunUserCommand)
export class RunUserCommandHandler implements ICommandHandler<RunUserCommand> {
  constructor(private readonly runner: CommandRunner) {}

  execute({ request }: RunUserCommand): Promise<CommandResult<UserState, UserEvent>> {
    return this.runner.run(userStream, { ...request, isNew: request.command.type === 'CreateUser' });
  }
}
