import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { In, type DataSource, type EntityManager } from 'typeorm';
import type { KeyManagement } from '#encryption';
import { SigningKeyRow } from '../rows/control-rows.js';
import { defaultRotation, planKeys, type RotationOptions } from './key-plan.js';
import { openJwk, sealJwk } from './sealed-jwk.js';

/** Any number that nothing else locks. */
const LOCK = 7_201_530_417;
const ALGORITHM = 'RS256';

export interface SigningKeySet {
  /** Private keys, the one that signs first: all of them are published. */
  readonly keys: readonly JWK[];
  readonly signingKid: string;
  /** Changes when and only when the set or the signing key does. */
  readonly version: string;
}

/** The issuer's keys, in PostgreSQL, so that every replica signs and publishes with the same ones. */
export class SigningKeys {
  private current: SigningKeySet | undefined;

  constructor(
    private readonly database: DataSource,
    private readonly management: KeyManagement,
    private readonly now: () => Date = () => new Date(),
    private readonly rotation: RotationOptions = defaultRotation,
  ) {}

  /** The keys as they are to be now; makes, rotates and drops them as the plan says. Replicas do it one after another. */
  async refresh(): Promise<SigningKeySet> {
    const rows = await this.database.manager.find(SigningKeyRow);
    const plan = planKeys(rows, this.now(), this.rotation);
    if (plan.make === undefined && plan.outlived.length === 0) return this.open(rows);
    return this.open(await this.database.transaction((tx) => this.rotate(tx)));
  }

  private async rotate(tx: EntityManager): Promise<readonly SigningKeyRow[]> {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const plan = planKeys(await tx.find(SigningKeyRow), this.now(), this.rotation);
    if (plan.outlived.length > 0) await tx.delete(SigningKeyRow, { kid: In([...plan.outlived]) });
    if (plan.make !== undefined) await tx.insert(SigningKeyRow, await this.newKey(plan.make));
    return tx.find(SigningKeyRow);
  }

  private async newKey(useFrom: Date) {
    const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { modulusLength: 2048, extractable: true });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const facts = { kid, alg: ALGORITHM, use: 'sig' };
    const sealed = await sealJwk(this.management, kid, { ...(await exportJWK(privateKey)), ...facts });
    return { kid, algorithm: ALGORITHM, publicJwk: { ...publicJwk, ...facts }, ...sealed, useFrom };
  }

  private async open(rows: readonly SigningKeyRow[]): Promise<SigningKeySet> {
    const { signing } = planKeys(rows, this.now(), this.rotation);
    if (signing === undefined) throw new Error('There is no key to sign access tokens with.');
    const ordered = [...rows].sort((a, b) => Number(b.kid === signing) - Number(a.kid === signing));
    const version = ordered.map(({ kid }) => kid).join(' ');
    if (this.current?.version === version) return this.current;
    const keys = await Promise.all(ordered.map((row) => openJwk(this.management, row.kid, row)));
    this.current = { keys, signingKid: signing, version };
    return this.current;
  }
}
