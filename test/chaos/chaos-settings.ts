/** What `npm run test:chaos` asks for; without it, one short round from a fixed seed. */
const rounds = Number(process.env['CHAOS_ROUNDS'] ?? 0);
const isByHand = rounds > 0;

export const chaos = {
  rounds: isByHand ? rounds : 1,
  seed: Number(process.env['CHAOS_SEED'] ?? 1),
  isByHand,
  /** How long faults happen in a round. */
  lengthMs: Number(process.env['CHAOS_SECONDS'] ?? (isByHand ? 30 : 15)) * 1_000,
  tenants: isByHand ? 20 : 4,
  lanesPerTenant: 2,
};
