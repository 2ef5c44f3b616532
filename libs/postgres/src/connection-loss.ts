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

/** The error's SQLSTATE or system code; '' when it has none. Asks for no class: an error may come from another realm. */
export const errorCode = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
};

/** True when the database could not be reached or the connection broke: whether a write happened is then unknown. */
export const isConnectionLoss = (error: unknown): boolean => {
  const code = errorCode(error);
  const { message } = (error ?? {}) as { message?: unknown };
  return LOST.test(code) || SOCKET.has(code) || (typeof message === 'string' && WORDS.test(message));
};
