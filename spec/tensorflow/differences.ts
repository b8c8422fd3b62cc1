/**
 * Where sluice differs from TensorFlow on purpose: the difference as ops.spec.ts reports it, and why.
 */
export interface KnownDifference {
  readonly pattern: RegExp;
  readonly reason: string;
}

export const knownDifferences: Readonly<Record<string, KnownDifference>> = {
  Conv2DBackpropFilter: { pattern: /do not yet support dilation rates/, reason: 'sluice dilates on the CPU too' },
  Conv2DBackpropInput: { pattern: /do not yet support dilation rates/, reason: 'sluice dilates on the CPU too' },
  EnsureShape: { pattern: /Shape must be rank -1/, reason: 'an unknown rank asks for nothing' },
};
