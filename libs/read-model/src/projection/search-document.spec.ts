import { describe, expect, it } from '@jest/globals';
import { searchDocument } from './search-document.js';

describe('a search document', () => {
  it('folds text at every depth and leaves other values alone', () =>
    expect(
      searchDocument({
        userName: 'BJensen',
        name: { familyName: 'STRAẞE' },
        emails: [{ value: 'Babs@Example.com', primary: true }],
        'urn:x': { tags: ['A', 'b'], level: 3 },
      }),
    ).toEqual({
      userName: 'bjensen',
      name: { familyName: 'straße' },
      emails: [{ value: 'babs@example.com', primary: true }],
      'urn:x': { tags: ['a', 'b'], level: 3 },
    }));

  it('R59 holds dates with time as numbers beside them, so that offsets do not matter', () => {
    const utc = searchDocument({ start: '2026-01-31T08:00:00Z', days: ['2026-01-31T08:00:00Z', 'never'] });
    const paris = searchDocument({ start: '2026-01-31T09:00:00+01:00' });
    expect(utc['start@']).toBe(Date.parse('2026-01-31T08:00:00Z'));
    expect(paris['start@']).toBe(utc['start@']);
    expect(utc['days@']).toEqual([utc['start@']]);
  });

  it('takes no text for a date that is none', () =>
    expect(searchDocument({ title: '2026-13-31T08:00:00Z' })).toEqual({ title: '2026-13-31t08:00:00z' }));
});
