/**
 * Where sluice differs from TensorFlow on purpose: the difference as ops.spec.ts reports it, and why.
 */
export interface KnownDifference {
  readonly pattern: RegExp;
  readonly reason: string;
}

export const knownDifferences: Readonly<Record<string, KnownDifference>> = {};
