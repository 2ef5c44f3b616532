import { describe, expect, it } from '@jest/globals';
import { featuresOf } from './server-version.js';

describe('the version of the server', () => {
  it.each(['24.10.14', '25.0.1', '25.1.0', '23.10.8'])(
    '%s is refused, and the message says what is needed',
    (version) => {
      expect(() => featuresOf(version)).toThrow(`KurrentDB ${version} is too old: 25.1.1 or later is needed.`);
    },
  );

  it.each(['unknown', ''])("'%s' is refused", (version) => {
    expect(() => featuresOf(version)).toThrow('tells no version');
  });

  it.each([
    ['25.1.1', false],
    ['26.0.3', false],
    ['26.1.0', true],
    ['26.10.2', true],
    ['27.0.0', true],
  ])('%s is taken; checks of other streams: %s', (version, checksOtherStreams) => {
    expect(featuresOf(version)).toEqual({ checksOtherStreams });
  });
});
