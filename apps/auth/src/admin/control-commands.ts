import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ControlFollower } from '#access';
import { CommandRunner, type CommandResult, type EventMetadata } from '#event-sourcing';
import {
  checkedTenantId,
  controlStream,
  TenantRegistry,
  type ControlCommand,
  type ControlEvent,
  type ControlState,
} from '#tenancy';

/** Makes a tenant. */
export class CreateTenant extends Command<void> {
  constructor(
    readonly tenant: { readonly tenantId: string; readonly displayName: string },
    readonly metadata: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(CreateTenant)
export class CreateTenantHandler implements ICommandHandler<CreateTenant> {
  constructor(
    private readonly registry: TenantRegistry,
    private readonly follower: ControlFollower,
  ) {}

  async execute({ tenant, metadata }: CreateTenant): Promise<void> {
    await this.follower.during(checkedTenantId(tenant.tenantId), () => this.registry.create(tenant, metadata));
  }
}

/** Any other act on a tenant's control stream. */
export class RunControlCommand extends Command<CommandResult<ControlState, ControlEvent>> {
  constructor(
    readonly tenantId: string,
    readonly command: ControlCommand,
    readonly metadata: EventMetadata,
  ) {
    super();
  }
}

/** The only handler the control plane needs besides: a new command is a new case in a decider. The rows show it when it resolves. */
@CommandHandler(RunControlCommand)
export class RunControlCommandHandler implements ICommandHandler<RunControlCommand> {
  constructor(
    private readonly runner: CommandRunner,
    private readonly follower: ControlFollower,
  ) {}

  execute({ tenantId, command, metadata }: RunControlCommand): Promise<CommandResult<ControlState, ControlEvent>> {
    const request = { tenantId, resourceId: '', command, metadata };
    return this.follower.during(tenantId, () => this.runner.run(controlStream, request));
  }
}
