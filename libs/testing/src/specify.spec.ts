import { expect, it } from '@jest/globals';
import { DomainError, type Decider, type Message } from '#event-sourcing';
import { specify } from './specify.js';

type Turned = Message<'Turned', { on: boolean }>;
type Turn = Message<'Turn', { on: boolean }>;

const lamp: Decider<boolean | 'broken', Turn, Turned, { power: boolean }> = {
  initialState: () => false,
  evolve: (_, event) => event.data.on,
  decide: (command, state, { power }) => {
    if (!power) throw new DomainError('no-power', 'There is no power.');
    return command.data.on === state ? [] : [{ type: 'Turned', data: command.data }];
  },
};
const turned = (on: boolean): Turned => ({ type: 'Turned', data: { on } });
const turn = (on: boolean): Turn => ({ type: 'Turn', data: { on } });
const power = { power: true };

it('folds the past before it decides', () =>
  specify(lamp).given(turned(true)).when(turn(false), power).then(turned(false)));

it('an accepted command that changes nothing is told apart', () =>
  specify(lamp).given().when(turn(false), power).thenNothing());

it('a refusal is known by its code', () =>
  specify(lamp).given().when(turn(true), { power: false }).thenRefused('no-power'));

it.each([
  ['other events', () => specify(lamp).given().when(turn(true), power).then(turned(false))],
  ['too few events', () => specify(lamp).given().when(turn(true), power).then()],
  ['an event where none is due', () => specify(lamp).given().when(turn(true), power).thenNothing()],
  ['no refusal', () => specify(lamp).given().when(turn(true), power).thenRefused('no-power')],
  ['another code', () => specify(lamp).given().when(turn(true), { power: false }).thenRefused('no-light')],
])('fails on %s', (_, run) => expect(run).toThrow());
