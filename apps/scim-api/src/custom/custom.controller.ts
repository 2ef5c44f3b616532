import { Controller, UseGuards } from '@nestjs/common';
import { RepeatableCreation } from '../resources/repeatable-creation.js';
import { ResourceController } from '../resources/resource.controller.js';
import { ResourceEndpoints } from '../resources/resource-endpoints.js';
import { endpointOf, KnownEndpoint } from './known-endpoint.guard.js';

/** Endpoints of the resource types of tenants: whatever is no endpoint of the service's own. */
@Controller('t/:tenant/scim/v2/:endpoint')
@UseGuards(KnownEndpoint)
export class CustomController extends ResourceController {
  constructor(endpoints: ResourceEndpoints, creation: RepeatableCreation) {
    super(async ({ tenant }, request) => {
      const name = endpointOf(request);
      return { name, operations: await endpoints.at(tenant, name) };
    }, creation);
  }
}
