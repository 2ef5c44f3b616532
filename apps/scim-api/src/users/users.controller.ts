import { Controller } from '@nestjs/common';
import { RepeatableCreation } from '../resources/repeatable-creation.js';
import { ResourceController } from '../resources/resource.controller.js';
import { UserOperations } from './user-operations.js';

@Controller('t/:tenant/scim/v2/Users')
export class UsersController extends ResourceController {
  constructor(operations: UserOperations, creation: RepeatableCreation) {
    super(async () => ({ name: 'Users', operations }), creation);
  }
}
