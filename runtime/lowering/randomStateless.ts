/**
 * Lowerings: random numbers that depend on a seed, or on a key and a counter, alone: a small routine makes the generator's state of
 * them, from which the numbers are drawn as from a node's stream.
 */
import { int32, uint64 } from '../../graph/dtypes';
import { sizeOf } from '../../graph/ndarray';
import type { randomStatelessOps } from '../../graph/ops/randomStateless';
import type { RandomFill } from '../backends/wasm/random/fill';
import { PHILOX_STATE_BYTES } from '../backends/wasm/random/philox';
import { keyOfStateCall, stateOfKeyCall, stateOfSeedCall } from '../backends/wasm/random/states';
import { identityAccess } from '../ir/access';
import { apply, arg, constant } from '../ir/expression';
import type { Value } from '../ir/value';
import { AUTO_SELECT_ALGORITHM, PHILOX_ALGORITHM } from '../random/stateless';
import { type LowerContext, type Lowering, type LoweringTable, movingUint64, routine } from './lowering';
import { filled, isRange, shapeOf } from './random';

/** The generator's state by the op's inputs; null for inputs that it refuses. */
type State = (c: LowerContext) => Value | null;

const STATE = { dtype: int32, shape: [PHILOX_STATE_BYTES / 4] };

function stateOf(
  c: LowerContext,
  name: string,
  inputs: readonly Value[],
  make: (...addresses: number[]) => ReturnType<typeof stateOfKeyCall>,
): Value {
  const [state] = c.b.routine(
    {
      inputs: inputs.map((value) => ({ value, maps: identityAccess(value.shape) })),
      strided: false,
      make: () => ({
        name,
        text: '',
        flops: 0,
        workspaceBytes: 0,
        calls: ({ inputs: addresses, outputs: [out] }) => [make(...addresses, out)],
      }),
    },
    [STATE],
  );
  return state;
}

const bySeed: State = (c) => {
  const [, seed] = c.inputs;
  const { name } = seed.dtype;
  if (seed.shape.join() !== '2' || (name !== 'int32' && name !== 'int64')) return null;
  return stateOf(c, 'random seed', [seed], (from, out) => stateOfSeedCall(name, from, out));
};

const byKey: State = (c) => {
  const [, key, counter, algorithm] = c.inputs;
  if (sizeOf(key.shape) !== 1 || sizeOf(counter.shape) !== 2 || sizeOf(algorithm.shape) !== 1) return null;
  const isUnknown = [PHILOX_ALGORITHM, AUTO_SELECT_ALGORITHM].map((known) =>
    apply('ne', arg(0, 'i32'), constant('i32', known)),
  );
  const given = c.integers(3);
  if (given && given[0] !== PHILOX_ALGORITHM && given[0] !== AUTO_SELECT_ALGORITHM) return null;
  if (!given)
    c.guard(
      isUnknown.reduce((all, test) => apply('and', all, test)),
      algorithm,
    );
  return stateOf(c, 'random key', [key, counter], stateOfKeyCall);
};

/** The array that the op asks for, filled from its generator. */
function drawn(
  c: LowerContext,
  state: State,
  fill: (addresses: readonly number[]) => RandomFill,
  parameters: readonly Value[] = [],
): Value | null {
  const shape = shapeOf(c);
  const generator = shape && state(c);
  return generator && filled(c, shape, generator, parameters, fill);
}

const uniform =
  (state: State): Lowering =>
  (c) => {
    const { name: dtype } = c.outputTypes[0];
    return dtype === 'float32' || dtype === 'float64' ? drawn(c, state, () => ({ kind: 'uniform', dtype })) : null;
  };

const normal =
  (state: State, kind: 'normal' | 'truncatedNormal'): Lowering =>
  (c) =>
    c.outputTypes[0].name === 'float32' ? drawn(c, state, () => ({ kind })) : null;

/** Integers between the bounds that are the last two inputs. */
const integers =
  (state: State): Lowering =>
  (c) => {
    const { name: kind } = c.outputTypes[0];
    const last = c.inputs.length - 2;
    if ((kind !== 'int32' && kind !== 'int64') || !isRange(c, last)) return null;
    return drawn(c, state, ([lo, hi]) => ({ kind, lo, hi }), c.inputs.slice(last));
  };

const bits =
  (state: State): Lowering =>
  (c) =>
    ['int32', 'int64'].includes(c.outputTypes[0].name) ? drawn(c, state, () => ({ kind: 'bits' })) : null;

/** The key and the counter that a seed stands for. */
const keyAndCounter: Lowering = (c) => {
  const [seed] = c.inputs;
  const { name } = seed.dtype;
  if (seed.shape.join() !== '2' || (name !== 'int32' && name !== 'int64')) return null;
  const results = c.b.routine(
    {
      inputs: [{ value: seed, maps: identityAccess(seed.shape) }],
      strided: false,
      make: () => ({
        name: 'random key',
        text: 'of a seed',
        flops: 0,
        workspaceBytes: PHILOX_STATE_BYTES,
        calls: ({ inputs: [from], outputs: [key, counter], workspace }) => [
          stateOfSeedCall(name, from, workspace),
          keyOfStateCall(workspace, key, counter),
        ],
      }),
    },
    [
      { dtype: uint64, shape: [1] },
      { dtype: uint64, shape: [2] },
    ],
  );
  return c.outputTypes.length === 2 ? results : [...results, c.b.fill(int32, [], PHILOX_ALGORITHM)];
};

const keyed = (lowering: Lowering): Lowering => movingUint64(routine(lowering));

export const randomStatelessLowerings: LoweringTable<typeof randomStatelessOps> = {
  StatelessRandomGetKeyCounter: movingUint64(routine(keyAndCounter)),
  StatelessRandomGetKeyCounterAlg: movingUint64(routine(keyAndCounter)),
  StatelessRandomUniform: routine(uniform(bySeed)),
  StatelessRandomNormal: routine(normal(bySeed, 'normal')),
  StatelessTruncatedNormal: routine(normal(bySeed, 'truncatedNormal')),
  StatelessRandomUniformInt: routine(integers(bySeed)),
  StatelessRandomUniformFullInt: routine(bits(bySeed)),
  StatelessRandomUniformV2: keyed(uniform(byKey)),
  StatelessRandomNormalV2: keyed(normal(byKey, 'normal')),
  StatelessTruncatedNormalV2: keyed(normal(byKey, 'truncatedNormal')),
  StatelessRandomUniformIntV2: keyed(integers(byKey)),
  StatelessRandomUniformFullIntV2: keyed(bits(byKey)),
};
