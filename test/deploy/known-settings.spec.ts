import { expect, it } from '@jest/globals';
import { settingDefinitions, type SettingDefinition } from '#runtime';
import { productSettings, secretSettings } from './known-settings.js';

const definitions = Object.entries<SettingDefinition>(settingDefinitions);

it('The settings that chart and compose file may use are those the product reads', () => {
  expect([...productSettings].sort()).toEqual(definitions.map(([name]) => name).sort());
});

it('Every setting the product calls a secret is guarded as one', () => {
  const secrets = definitions.filter(([, { secret = false }]) => secret).map(([name]) => name);
  expect([...secretSettings]).toEqual(expect.arrayContaining(secrets));
});
