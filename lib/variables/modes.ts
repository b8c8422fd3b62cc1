/**
 * How variables that exist several times would be kept in step. One process has one copy of each: the modes are checked
 * and remembered.
 */
import { repr, ValueError } from '../../graph/errors';

/** Mirrors tf.VariableSynchronization. */
export const VariableSynchronization = { AUTO: 0, NONE: 1, ON_WRITE: 2, ON_READ: 3 } as const;
export type VariableSynchronization = (typeof VariableSynchronization)[keyof typeof VariableSynchronization];

/** Mirrors tf.VariableAggregation. */
export const VariableAggregation = { NONE: 0, SUM: 1, MEAN: 2, ONLY_FIRST_REPLICA: 3 } as const;
export type VariableAggregation = (typeof VariableAggregation)[keyof typeof VariableAggregation];

export interface Modes {
  readonly synchronization: VariableSynchronization;
  readonly aggregation: VariableAggregation;
  readonly trainable: boolean;
}

/**
 * Fills in defaults; variables that are aggregated on reading are not trainable by default. ValueError for unknown
 * modes.
 */
export function resolveModes(
  given: { readonly [Mode in keyof Modes]?: Modes[Mode] | null },
  name: string | null | undefined,
): Modes {
  const { synchronization = null, aggregation = null, trainable = null } = given;
  const isKnown = (mode: unknown) =>
    mode === null || (Number.isInteger(mode) && (mode as number) >= 0 && (mode as number) <= 3);
  if (!isKnown(aggregation))
    throw new ValueError(`Invalid variable aggregation mode: ${repr(aggregation)} for variable: ${repr(name)}`);
  if (!isKnown(synchronization))
    throw new ValueError(`Invalid variable synchronization mode: ${repr(synchronization)} for variable: ${repr(name)}`);
  return {
    synchronization: synchronization ?? VariableSynchronization.AUTO,
    aggregation: aggregation ?? VariableAggregation.NONE,
    trainable: trainable ?? synchronization !== VariableSynchronization.ON_READ,
  };
}
