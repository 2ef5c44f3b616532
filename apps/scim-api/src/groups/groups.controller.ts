import { Controller } from '@nestjs/common';
import { RepeatableCreation } from '../resources/repeatable-creation.js';
import { ResourceController } from '../resources/resource.controller.js';
import { GroupOperations } from './group-operations.js';

@Controller('t/:tenant/scim/v2/Groups')
export class GroupsController extends ResourceController {
  constructor(operations: GroupOperations, creation: RepeatableCreation) {
    super(async () => ({ name: 'Groups', operations }), creation);
  }
}
