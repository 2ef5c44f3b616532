/** What each page shows. Everything is escaped on the way in. */
export interface PageData {
  readonly signIn: {
    readonly client: string;
    readonly tenant: string;
    readonly email: string;
    readonly fault?: string;
  };
  readonly consent: { readonly client: string; readonly tenant: string; readonly host: string };
  readonly password: { readonly tenant: string; readonly email: string; readonly fault?: string };
  readonly message: { readonly title: string; readonly text: string };
}

const fault = `<% if (it.fault) { %><p role="alert" id="fault"><%= it.fault %></p><% } %>`;
const described = `<% if (it.fault) { %> aria-describedby="fault" aria-invalid="true"<% } %>`;

/** Titles and bodies in eta; forms post to where they came from. */
export const templates: Readonly<Record<keyof PageData, { readonly title: string; readonly body: string }>> = {
  signIn: {
    title: 'Sign in',
    body: `<h1>Sign in</h1>
<p><strong><%= it.client %></strong> asks to be connected to <strong><%= it.tenant %></strong>. Sign in as an administrator of <%= it.tenant %> to go on.</p>
${fault}
<form method="post">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="<%= it.email %>"${described}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1000"${described}>
<button name="decision" value="sign-in">Sign in</button>
<button class="second" name="decision" value="cancel" formnovalidate>Cancel</button>
</form>
<p><small>No password yet, or forgotten? Ask whoever runs this service for a new link.</small></p>`,
  },
  consent: {
    title: 'Allow access',
    body: `<h1>Allow access?</h1>
<p><strong><%= it.client %></strong> wants to create, change and deactivate users and groups of <strong><%= it.tenant %></strong>.</p>
<ul>
<li>It keeps this access until it is taken back.</li>
<li>It cannot see passwords, nor anything of other customers.</li>
<li>You will be sent back to <strong><%= it.host %></strong>.</li>
</ul>
<form method="post">
<button name="decision" value="allow">Allow</button>
<button class="second" name="decision" value="deny">Deny</button>
</form>`,
  },
  password: {
    title: 'Choose a password',
    body: `<h1>Choose a password</h1>
<p>You are an administrator of <strong><%= it.tenant %></strong>. With this password you connect identity providers.</p>
${fault}
<form method="post">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" readonly value="<%= it.email %>">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="new-password" required minlength="12" maxlength="200" aria-describedby="rule"${`<% if (it.fault) { %> aria-invalid="true"<% } %>`}>
<p id="rule"><small>At least 12 characters. A few words in a row are easy to remember.</small></p>
<label for="again">The same again</label>
<input id="again" name="again" type="password" autocomplete="new-password" required maxlength="200">
<button>Save password</button>
</form>`,
  },
  message: { title: 'Rollcall', body: `<h1><%= it.title %></h1>\n<p><%= it.text %></p>` },
};
