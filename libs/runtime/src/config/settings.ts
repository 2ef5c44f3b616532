import { settingDefinitions, type Service, type SettingDefinition, type SettingName } from './setting-definitions.js';

type ValueOf<Definition> = Definition extends SettingDefinition<infer Value> ? Value : never;
type Values = { readonly [Name in SettingName]: ValueOf<(typeof settingDefinitions)[Name]> };

/** Settings by the names operators know them by, checked and with what follows from others filled in. */
export type Settings = Omit<Values, 'PUBLIC_URL' | 'AUTH_INTERNAL_URL'> & {
  readonly PUBLIC_URL: string;
  readonly AUTH_INTERNAL_URL: string;
};

/** All that is wrong with the settings, at once, by name; never a value. */
export class SettingsError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The settings are not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'SettingsError';
  }
}

/** Reads every setting for one service. Throws SettingsError listing every fault. A blank variable counts as unset. */
export const loadSettings = (env: Readonly<Record<string, string | undefined>>, service: Service): Settings => {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries<SettingDefinition>(settingDefinitions)) {
    const text = env[name];
    if (text === undefined || text.trim() === '') {
      values[name] = definition.fallback;
      if (definition.requiredBy?.includes(service))
        faults.push(`${name} is required by ${service}: ${definition.allowed}`);
      continue;
    }
    const parsed = definition.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else faults.push(`${name} must be ${definition.allowed}`);
  }
  const settings = values as unknown as Values;
  faults.push(...inconsistencies(settings));
  if (faults.length > 0) throw new SettingsError(faults);
  const publicUrl = settings.PUBLIC_URL ?? `http://localhost:${settings.PORT}`;
  return { ...settings, PUBLIC_URL: publicUrl, AUTH_INTERNAL_URL: settings.AUTH_INTERNAL_URL ?? publicUrl };
};

const inconsistencies = (settings: Values): readonly string[] => {
  const faults: string[] = [];
  if (settings.EVENT_LOG === 'kurrentdb' && settings.KURRENTDB_URL === undefined)
    faults.push('KURRENTDB_URL is required when EVENT_LOG is kurrentdb');
  const sasl = [settings.KAFKA_SASL_MECHANISM, settings.KAFKA_SASL_USERNAME, settings.KAFKA_SASL_PASSWORD];
  if (sasl.some((part) => part !== undefined) && sasl.includes(undefined))
    faults.push('KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD go together');
  if (settings.GROUP_BODY_LIMIT < settings.BODY_LIMIT)
    faults.push('GROUP_BODY_LIMIT must not be smaller than BODY_LIMIT');
  return faults;
};
