import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthorizationServer } from './authorization-server.js';

const PATHS = ['/oauth2/*', '/.well-known/oauth-authorization-server'];

/**
 * Hands OAuth's paths to oidc-provider, which is a Koa application: an onRequest hook takes the raw request before Fastify has parsed its body.
 * Call it before the server listens.
 */
export const mountOAuth = (fastify: FastifyInstance, server: AuthorizationServer): void => {
  const takeOver = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.hijack();
    reply.raw.setHeader('x-request-id', request.id);
    await server.handle(request.raw, reply.raw, request.ip);
  };
  for (const url of PATHS)
    fastify.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url,
      onRequest: takeOver,
      handler: async () => undefined, // never reached: the hook has answered
    });
};
