/** Okta's administration hosts: production, Europe, preview (C-O2). */
const HOSTS = ['system-admin.okta.com', 'system-admin.okta-emea.com', 'system-admin.oktapreview.com'];
const CALLBACK = /^https:\/\/([^/]+)\/admin\/app\/cpc\/[\w.~-]+\/oauth\/callback$/;

/** Where Okta's provisioning takes authorization codes for the app of that name, one URI a host. */
export const oktaRedirectUris = (appName: string): readonly string[] =>
  HOSTS.map((host) => `https://${host}/admin/app/cpc/${appName}/oauth/callback`);

/** Whether codes sent there go to Okta's provisioning. */
export const isOktaCallback = (uri: string): boolean => HOSTS.includes(CALLBACK.exec(uri)?.[1] ?? '');
