import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Ingress {
  readonly url: string;
  route(targets: { readonly auth: string; readonly scimApis: readonly string[] }): void;
  close(): Promise<void>;
}

/** What the Ingress of the Helm chart does: one public address, services by path, scim-api replicas in turn. */
export const startIngress = async (): Promise<Ingress> => {
  let targets: { readonly auth: string; readonly scimApis: readonly string[] } = { auth: '', scimApis: [] };
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const scim = /^\/t\/[^/]+\/scim\//.test(incoming.url ?? '');
    turn += 1;
    forward(incoming, outgoing, scim ? (targets.scimApis[turn % targets.scimApis.length] ?? '') : targets.auth);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    route: (given) => {
      targets = given;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

const forward = (incoming: IncomingMessage, outgoing: ServerResponse, target: string): void => {
  const onward = request(
    target + (incoming.url ?? '/'),
    { method: incoming.method, headers: incoming.headers },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onward.on('error', () => {
    if (!outgoing.headersSent) outgoing.writeHead(502);
    outgoing.end();
  });
  incoming.pipe(onward);
};
