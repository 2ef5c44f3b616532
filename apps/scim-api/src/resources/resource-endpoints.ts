import { Injectable } from '@nestjs/common';
import { GroupOperations } from '../groups/group-operations.js';
import { UserOperations } from '../users/user-operations.js';
import type { ResourceOperations } from './resource-operations.js';

/** What can be done at each endpoint, by the name that stands in paths: for requests that name one in another way than by their URL. */
@Injectable()
export class ResourceEndpoints {
  readonly operations: ReadonlyMap<string, ResourceOperations>;

  constructor(users: UserOperations, groups: GroupOperations) {
    this.operations = new Map<string, ResourceOperations>([
      ['Users', users],
      ['Groups', groups],
    ]);
  }
}
