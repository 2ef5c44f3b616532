import { prepareUserName } from '#scim';
import { indexedText } from '../projection/indexed-text.js';
import { framed, sameTenant, type CompiledStatement, type StatementContext } from './resource-statement.js';

/** What users are looked up by, many at once. */
export interface CalledUsers {
  readonly userNames: readonly string[];
  readonly externalIds: readonly string[];
}

/** Users who have one of the names or one of the external ids. Of a text that is longer than the index holds, those who begin like it as well. */
export const calledUsersStatement = (
  context: StatementContext,
  columns: readonly string[],
  { userNames, externalIds }: CalledUsers,
): CompiledStatement => ({
  text: framed(
    context,
    `SELECT ${columns.join(', ')}, row_number() OVER (ORDER BY r.id) AS place
    FROM (SELECT n.id FROM read_users n WHERE ${sameTenant('n')} AND n.user_name = ANY ($2::text[])
      UNION SELECT e.id FROM read_users e WHERE ${sameTenant('e')} AND e.external_id = ANY ($3::text[])) i
    JOIN read_users r ON ${sameTenant('r')} AND r.id = i.id`,
  ),
  values: [
    context.tenantId,
    userNames.map((name) => indexedText(prepareUserName(name))),
    externalIds.map((id) => indexedText(id)),
  ],
  reach: 'range',
});
