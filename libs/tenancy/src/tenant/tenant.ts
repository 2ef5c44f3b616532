import type { Decider, Message } from '#event-sourcing';
import { checkedName } from '../checks.js';
import { TenancyError } from '../refusal.js';
import { changeSettings, sameSettings, type SettingsChange } from './settings-change.js';
import type { ChosenSettings } from './settings.js';

export type TenantCommand =
  | Message<'CreateTenant', { tenantId: string; displayName: string }>
  | Message<'ChangeTenant', { displayName?: string; suspended?: boolean; settings?: SettingsChange }>
  /** `keptUntil`: access ends now, the data only then; left out: both now. */
  | Message<'OffboardTenant', { keptUntil?: string }>
  /** Takes an off-boarding back while the data is there. */
  | Message<'ReinstateTenant', object>
  /** Does nothing unless the time to keep the data is over. */
  | Message<'EraseTenant', { at: string }>;

export type TenantEvent =
  | Message<'TenantCreated', { tenantId: string; displayName: string }>
  | Message<'TenantRenamed', { displayName: string }>
  | Message<'TenantSuspended', object>
  | Message<'TenantResumed', object>
  /** All that the tenant has set, after the change. */
  | Message<'TenantSettingsChanged', { settings: ChosenSettings }>
  /** No credential works any more. `erasesAt`: until then it can be taken back. */
  | Message<'TenantOffboarded', { erasesAt?: string }>
  | Message<'TenantReinstated', { suspended: boolean }>
  /** The tenant's keys are destroyed; what is left of it is removed. */
  | Message<'TenantErased', object>;

type Tenant = Readonly<{ tenantId: string; displayName: string; suspended: boolean; settings: ChosenSettings }>;

export type TenantState = Readonly<
  | { status: 'absent' }
  | ({ status: 'present' } & Tenant)
  | ({ status: 'offboarded'; erasesAt?: string } & Tenant)
  | { status: 'erased' }
>;

const TENANT_ID = /^[a-z0-9-]{1,63}$/;
/** `control-system` is the stream of the operators' own. */
const RESERVED_IDS: ReadonlySet<string> = new Set(['system']);

/** Returns the id. Throws `tenant-id-invalid` when it is none. */
export const checkedTenantId = (tenantId: string): string => {
  if (!TENANT_ID.test(tenantId))
    throw new TenancyError('tenant-id-invalid', 'A tenant id has 1 to 63 characters of a-z, 0-9 and "-".');
  if (RESERVED_IDS.has(tenantId)) throw new TenancyError('tenant-id-invalid', `The tenant id ${tenantId} is reserved.`);
  return tenantId;
};

/** For the decider, and for who meets the tenant's stream only in the append. */
export const idTaken = (): TenancyError =>
  new TenancyError('tenant-id-taken', 'This tenant id is taken, or was once: ids are never used again.');

const decide = (command: TenantCommand, state: TenantState): readonly TenantEvent[] => {
  switch (command.type) {
    case 'CreateTenant': {
      const { tenantId, displayName } = command.data;
      const data = { tenantId: checkedTenantId(tenantId), displayName: checkedName(displayName) };
      if (state.status !== 'absent') throw idTaken();
      return [{ type: 'TenantCreated', data }];
    }
    case 'ChangeTenant':
      return changes(command.data, present(state));
    case 'OffboardTenant':
      return offboarding(state, command.data.keptUntil);
    case 'ReinstateTenant':
      if (state.status === 'offboarded') return [{ type: 'TenantReinstated', data: { suspended: state.suspended } }];
      if (state.status === 'erased')
        throw new TenancyError('tenant-erased', 'The tenant was erased: nothing of it can be brought back.');
      present(state);
      return [];
    case 'EraseTenant':
      return state.status === 'offboarded' && isDue(state.erasesAt, command.data.at)
        ? [{ type: 'TenantErased', data: {} }]
        : [];
  }
};

/** Asked again it moves the end of the data, nearer or farther; once that is over it changes nothing. */
const offboarding = (state: TenantState, keptUntil: string | undefined): readonly TenantEvent[] => {
  if (state.status === 'erased') return [];
  const isOffboarded = state.status === 'offboarded';
  if (!isOffboarded) present(state);
  const kept: TenantEvent = { type: 'TenantOffboarded', data: keptUntil === undefined ? {} : { erasesAt: keptUntil } };
  if (keptUntil !== undefined) return isOffboarded && state.erasesAt === keptUntil ? [] : [kept];
  return [...(isOffboarded ? [] : [kept]), { type: 'TenantErased', data: {} }];
};

/** Tenants that releases before this one off-boarded have no time: theirs has come. */
const isDue = (erasesAt: string | undefined, at: string): boolean =>
  erasesAt === undefined || Date.parse(erasesAt) <= Date.parse(at);

type Change = Extract<TenantCommand, { type: 'ChangeTenant' }>['data'];

const changes = ({ displayName, suspended, settings }: Change, tenant: Tenant): readonly TenantEvent[] => {
  const events: TenantEvent[] = [];
  const name = displayName === undefined ? tenant.displayName : checkedName(displayName);
  if (name !== tenant.displayName) events.push({ type: 'TenantRenamed', data: { displayName: name } });
  const chosen = changeSettings(tenant.settings, settings ?? {});
  if (!sameSettings(chosen, tenant.settings))
    events.push({ type: 'TenantSettingsChanged', data: { settings: chosen } });
  if (suspended !== undefined && suspended !== tenant.suspended)
    events.push({ type: suspended ? 'TenantSuspended' : 'TenantResumed', data: {} });
  return events;
};

const evolve = (state: TenantState, event: TenantEvent): TenantState => {
  switch (event.type) {
    case 'TenantCreated':
      return { status: 'present', suspended: false, settings: {}, ...event.data };
    case 'TenantRenamed':
    case 'TenantSettingsChanged':
      return changed(state, event.data);
    case 'TenantSuspended':
      return changed(state, { suspended: true });
    case 'TenantResumed':
      return changed(state, { suspended: false });
    case 'TenantOffboarded':
      return state.status === 'present' || state.status === 'offboarded'
        ? { ...tenantOf(state), status: 'offboarded', ...event.data }
        : state;
    case 'TenantReinstated':
      return state.status === 'offboarded' ? { ...tenantOf(state), status: 'present' } : state;
    case 'TenantErased':
      return { status: 'erased' };
    default:
      event satisfies never; // a new event breaks the build here, yet an old binary folds past it
      return state;
  }
};

const tenantOf = ({ tenantId, displayName, suspended, settings }: Tenant): Tenant => ({
  tenantId,
  displayName,
  suspended,
  settings,
});

const changed = (state: TenantState, change: Partial<Tenant>): TenantState =>
  state.status === 'present' ? { ...state, ...change } : state;

/** The tenant, when there is one. Throws `tenant-not-found`. */
export const present = (state: TenantState): Tenant => {
  if (state.status !== 'present') throw new TenancyError('tenant-not-found', 'There is no such tenant.');
  return state;
};

/** The rules of one tenant: made once, renamed, suspended and resumed, given settings, off-boarded for good. */
export const tenantDecider: Decider<TenantState, TenantCommand, TenantEvent> = {
  initialState: () => ({ status: 'absent' }),
  decide,
  evolve,
};
