const dateTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/;

/** Milliseconds since 1970 of an xsd:dateTime with date and time (RFC 7643 §2.3.5); undefined when it is none. Without an offset: UTC. */
export const parseDateTime = (text: string): number | undefined => {
  const match = dateTime.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(`${match[1]}-${match[2]}-${match[3]}T00:00:00Z`);
  // A day that does not exist (30 February) is NaN, or rolls over into the next month.
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== day || date.getUTCMonth() + 1 !== month) return undefined;
  if (date.getUTCFullYear() !== year) return undefined;
  const fraction = Number(`0.${match[7] ?? '0'}`) * 1000;
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + Math.trunc(fraction) - offset(match[8]);
};

const offset = (zone: string | undefined): number => {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
};
