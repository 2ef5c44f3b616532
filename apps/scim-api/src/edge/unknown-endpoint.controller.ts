import { All, Controller, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TenantGuard } from '#access';
import { ScimError } from '#scim';

/** Endpoints there are, and what may be asked of them; the longest matching one speaks. */
const endpoints: readonly { readonly path: RegExp; readonly allow: string }[] = [
  { path: /^\/(ServiceProviderConfig|ResourceTypes|Schemas)(\/[^/]+)?$/, allow: 'GET' },
  { path: /^$/, allow: 'GET' },
  { path: /^((\/(Users|Groups))?\/\.search|\/Bulk)$/, allow: 'POST' },
  { path: /^\/\.requests\/[^/]+$/, allow: 'GET' },
  { path: /^\/(Users|Groups)$/, allow: 'GET, POST' },
  { path: /^\/(Users|Groups)\/[^/]+$/, allow: 'GET, PUT, PATCH, DELETE' },
];

/** No credential belongs to a user, so nobody has a `/Me`: 501 and not 404, which clients take for a missing resource (R112). */
const ME = /^\/Me(\/.*)?$/;

/** Whatever no other route answers: 405 with Allow, 501, or 404, each as a SCIM error (R8, C-N8). */
@Controller('t/:tenant/scim')
@UseGuards(TenantGuard)
export class UnknownEndpointController {
  @All('*')
  async answer(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<never> {
    const path = decodePath(request.url).replace(/^\/t\/[^/]+\/scim\/v2/, '');
    const known = endpoints.find((endpoint) => endpoint.path.test(path));
    if (known !== undefined) void reply.header('allow', known.allow);
    throw refusal(path, known?.allow);
  }
}

const refusal = (path: string, allow: string | undefined): ScimError => {
  if (allow !== undefined) return new ScimError(405, undefined, `This endpoint allows ${allow}.`);
  if (ME.test(path)) return new ScimError(501, undefined, 'The credential belongs to no user: there is no /Me for it.');
  return new ScimError(404, undefined, 'There is no SCIM endpoint at this path.');
};

const decodePath = (url: string): string => (url.split('?', 1)[0] ?? '').replace(/\/+$/, '');
