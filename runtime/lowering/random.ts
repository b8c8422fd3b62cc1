/**
 * Lowerings: random numbers from the node's stream. Uniform float32 are drawn by the kernel that uses them, the others by a routine.
 */
import { float32 } from '../../graph/dtypes';
import { sizeOf } from '../../graph/ndarray';
import type { randomOps } from '../../graph/ops/random';
import { type RandomFill, randomFillCall } from '../backends/wasm/random/fill';
import { identityAccess } from '../ir/access';
import type { Value } from '../ir/value';
import { type LowerContext, type Lowering, type LoweringTable, routine } from './lowering';

/** The shape that input 0 asks for. */
export function shapeOf(c: LowerContext): number[] | null {
  const shape = c.integers(0);
  return !shape || shape.some((dim) => dim < 0) || c.inputs[0].shape.length !== 1 ? null : shape;
}

/** Whether inputs `first` and the next are known bounds between which there is a number. */
export function isRange(c: LowerContext, first: number): boolean {
  const bounds = [c.constant(first), c.constant(first + 1)];
  if (bounds.some((bound) => bound?.rank !== 0)) return false;
  const [low, high] = bounds.map((bound) => bound!.data[0] as number);
  return low < high;
}

/**
 * A routine that fills an array from a generator's state, or from the node's stream; `parameters` are scalars that it reads, given to
 * `fill` as addresses.
 */
export function filled(
  c: LowerContext,
  shape: readonly number[],
  state: Value | null,
  parameters: readonly Value[],
  fill: (addresses: readonly number[]) => RandomFill,
): Value {
  const [dtype] = c.outputTypes;
  const count = sizeOf(shape);
  const inputs = state ? [state, ...parameters] : parameters;
  const [result] = c.b.routine(
    {
      inputs: inputs.map((value) => ({ value, maps: identityAccess(value.shape) })),
      strided: false,
      streams: state ? [] : [c.randomSource()],
      make: () => ({
        name: `random ${fill([0, 0]).kind}`,
        text: `${count} ${dtype.name}`,
        flops: 16 * count,
        workspaceBytes: 0,
        calls: ({ inputs: addresses, outputs: [out], streams: [stream] }) => {
          const [from, given] = state ? [addresses[0], addresses.slice(1)] : [stream, addresses];
          return count === 0 ? [] : [randomFillCall(fill(given), from, out, count * dtype.size)];
        },
      }),
    },
    [{ dtype, shape }],
  );
  return result;
}

const normal =
  (kind: 'normal' | 'truncatedNormal'): Lowering =>
  (c) => {
    const shape = shapeOf(c);
    return shape && c.outputTypes[0] === float32 ? filled(c, shape, null, [], () => ({ kind })) : null;
  };

export const randomLowerings: LoweringTable<typeof randomOps> = {
  RandomUniform: (c) => {
    const shape = shapeOf(c);
    const [dtype] = c.outputTypes;
    if (!shape) return null;
    if (dtype === float32) return c.b.uniform(float32, shape, c.randomSource());
    return dtype.name === 'float64' ? filled(c, shape, null, [], () => ({ kind: 'uniform', dtype: 'float64' })) : null;
  },
  RandomStandardNormal: routine(normal('normal')),
  TruncatedNormal: routine(normal('truncatedNormal')),
  RandomUniformInt: routine((c) => {
    const shape = shapeOf(c);
    const kind = c.outputTypes[0].name;
    if (!shape || (kind !== 'int32' && kind !== 'int64') || !isRange(c, 1)) return null;
    return filled(c, shape, null, c.inputs.slice(1), ([lo, hi]) => ({ kind, lo, hi }));
  }),
};
