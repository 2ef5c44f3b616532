import { settingDefinitions, type SettingDefinition } from './setting-definitions.js';

/** The table of `docs/configuration.md`, in Markdown. */
export const configurationTable = (): string =>
  [
    '| setting | meaning | allowed | unset | required by |',
    '|---|---|---|---|---|',
    ...Object.entries<SettingDefinition>(settingDefinitions).map(
      ([name, { meaning, allowed, unset, requiredBy = [], secret = false }]) =>
        `| \`${name}\` | ${meaning}${secret ? ' (secret)' : ''} | ${allowed} | ${unset} | ${requiredBy.join(', ') || '–'} |`,
    ),
  ].join('\n');
