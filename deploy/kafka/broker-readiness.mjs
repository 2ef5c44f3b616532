/** Asks the broker itself whether it is up: a listening socket alone says nothing, requests wait behind it. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const ANSWER_TIMEOUT_MS = 2_000;
const RETRY_MS = 50;

/** ApiVersions request, version 0 (Kafka protocol guide): size, api key 18, version 0, correlation id 7, no client id. */
const REQUEST = Buffer.from('0000000a00120000' + '00000007' + 'ffff', 'hex');

/**
 * Asks once; a failure is answered after a short pause, so that callers may simply ask again.
 *
 * @param {number} port on 127.0.0.1
 * @returns {Promise<boolean>} whether the broker answered without an error code
 */
export async function answersRequests(port) {
  const answered = await ask(port);
  if (!answered) await pause(RETRY_MS);
  return answered;
}

function ask(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let answer = Buffer.alloc(0);
    const settle = (value) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.write(REQUEST));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      // size, correlation id, error code
      if (answer.length >= 10) settle(answer.readInt32BE(4) === 7 && answer.readInt16BE(8) === 0);
    });
  });
}
