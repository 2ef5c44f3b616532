import type { ClientBase } from 'pg';

/** Owns nothing and cannot bypass policies: the role in which every service works, whoever it logs in as. */
export const SERVICE_ROLE = 'rollcall_service';

const roleExists = async (client: ClientBase): Promise<boolean> =>
  (await client.query('SELECT FROM pg_roles WHERE rolname = $1', [SERVICE_ROLE])).rows.length > 0;

/**
 * Makes the role if the cluster has none yet and lets the login of `client` take it. Errors: the login may not create roles and nobody has
 * made it before; the message says what to run.
 */
export const ensureServiceRole = async (client: ClientBase): Promise<void> => {
  if (!(await roleExists(client)))
    await client.query(`CREATE ROLE ${SERVICE_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS`).catch(async (error: Error) => {
      if (await roleExists(client)) return; // roles belong to the cluster: another database's migration was faster
      throw new Error(
        `The database has no role ${SERVICE_ROLE} and this login may not create it (${error.message}). As a superuser run: ` +
          `CREATE ROLE ${SERVICE_ROLE} NOLOGIN; GRANT ${SERVICE_ROLE} TO <login of the services>;`,
        { cause: error },
      );
    });
  // A superuser may take any role. Another login needs to be a member; it can make itself one when it made the role, and else was made one.
  const { rows } = await client.query('SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper');
  if (rows.length === 0) await client.query(`GRANT ${SERVICE_ROLE} TO CURRENT_USER`).catch(() => undefined);
};
