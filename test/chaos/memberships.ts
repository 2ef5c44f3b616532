import type { Attempt } from './attempts.js';
import { some } from './directory.js';

/**
 * Set algebra over what clients were told, past every word of the system itself: who was taken in and never asked to go is in, who was asked
 * to go and told so is out. In between, either will do. No client takes anybody in twice.
 */
export const contradictsAcknowledged = (
  attempts: readonly Attempt[],
  memberships: readonly string[],
): readonly string[] => {
  const asked = new Set(attempts.flatMap(({ effects }) => effects));
  const done = new Set(attempts.flatMap(({ effects, outcome }) => (outcome === 'acknowledged' ? effects : [])));
  const present = new Set(memberships);
  const edges = new Set([...asked].flatMap((effect) => (effect.startsWith('added:') ? [effect.slice(6)] : [])));
  const leaving = (edge: string) => {
    const [group, member] = edge.split('/');
    return [`removed:${edge}`, `deleted:${group}`, `deleted:${member}`] as const;
  };
  const lost = [...edges].filter(
    (edge) => done.has(`added:${edge}`) && !leaving(edge).some((effect) => asked.has(effect)) && !present.has(edge),
  );
  const lingering = [...present].filter((edge) => leaving(edge).some((effect) => done.has(effect)));
  const strange = [...present].filter((edge) => !edges.has(edge));
  return [
    ...(lost.length > 0 ? [`taken in, and not in the group: ${some(lost)}`] : []),
    ...(lingering.length > 0 ? [`asked out, and still in the group: ${some(lingering)}`] : []),
    ...(strange.length > 0 ? [`in a group, and nobody asked for it: ${some(strange)}`] : []),
  ];
};
