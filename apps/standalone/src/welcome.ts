export interface Welcome {
  readonly url: string;
  /** Undefined when the operator set ADMIN_TOKEN and so knows it, or was shown it at the first start. */
  readonly newAdminToken: string | undefined;
  readonly adminTokenFile: string | undefined;
  readonly publishing: string;
}

/** What a person sees when the system is up: where it is, the token, and three lines to copy. */
export const welcome = ({ url, newAdminToken, adminTokenFile, publishing }: Welcome): string => {
  const shell = newAdminToken ?? (adminTokenFile === undefined ? '$ADMIN_TOKEN' : `$(cat ${adminTokenFile})`);
  const json = `-H 'content-type: application/json'`;
  const admin = `-H "authorization: Bearer ${shell}"`;
  const pick = (field: string) => `sed 's/.*"${field}":"\\([^"]*\\)".*/\\1/'`;
  return [
    '',
    `  Rollcall is up at ${url}`,
    `  Admin token: ${newAdminToken ?? (adminTokenFile === undefined ? 'the one you set in ADMIN_TOKEN' : `kept in ${adminTokenFile}`)}`,
    `  Kafka: ${publishing}`,
    '',
    '  Copy these three lines: a tenant, a token, a user.',
    '',
    `  curl -s ${url}/admin/v1/tenants ${admin} ${json} -d '{"id":"acme","displayName":"Acme Inc."}'`,
    `  TOKEN=$(curl -s ${url}/admin/v1/tenants/acme/tokens ${admin} ${json} -d '{"name":"okta","expiresInDays":365}' | ${pick('token')})`,
    `  curl -s ${url}/t/acme/scim/v2/Users -H "authorization: Bearer $TOKEN" -H 'content-type: application/scim+json' -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bjensen@example.com"}'`,
    '',
  ].join('\n');
};
