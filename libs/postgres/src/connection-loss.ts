/** SQLSTATE classes and codes that say that the server or the way to it is gone, not that the statement was wrong. */
const LOST = /^(08...|57P0[123]|53300)$/;
const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const WORDS =
  /^Connection terminated|^timeout exceeded when trying to connect|^timeout expired|connection error and is not queryable|^Client was closed/;

/** True when the database could not be reached or the connection broke: whether a write happened is then unknown. */
export const isConnectionLoss = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return LOST.test(code) || SOCKET.has(code) || WORDS.test(error.message);
};
