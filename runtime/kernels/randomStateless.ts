/**
 * Plain kernels: random numbers that depend on their seed alone.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { randomStatelessOps } from '../../graph/ops/randomStateless';
import type { Kernel, KernelTable } from '../kernel';
import {
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  fillUniformFullInt,
  fillUniformInt,
  type IntegerArray,
} from '../random/distributions';
import type { Philox4x32 } from '../random/philox';
import { fillMultinomial } from '../random/sampling';
import { generatorOfKeyAndCounter, generatorOfSeed, keyAndCounterOfSeed, PHILOX_ALGORITHM } from '../random/stateless';
import { type Fill, floatOutput, integerBounds, samplingInputs, shapeOf } from './random';

type IntegerPair = Int32Array | BigInt64Array;

function seedPair(seed: NdArray): IntegerPair {
  if (seed.rank === 1 && seed.shape[0] === 2) return seed.data as IntegerPair;
  throw new InvalidArgumentError(`seed must have shape [2], not [${seed.shape.join(',')}]`);
}

/** The generator of an op by its inputs: a seed, or key, counter and algorithm. */
type Source = (inputs: readonly NdArray[]) => Philox4x32;

const bySeed: Source = ([, seed]) => generatorOfSeed(seedPair(seed));

const byKey: Source = ([, key, counter, alg]) => {
  if (key.size !== 1) throw new InvalidArgumentError(`key must have shape [1], not [${key.shape.join(',')}]`);
  if (counter.size !== 2)
    throw new InvalidArgumentError(`counter must be a vector with length 2, not [${counter.shape.join(',')}]`);
  return generatorOfKeyAndCounter(key.data as BigUint64Array, counter.data as BigUint64Array, alg.data[0] as number);
};

const floats =
  (source: Source, fill: Fill): Kernel =>
  (inputs, c) => {
    const shape = shapeOf(inputs[0]);
    const generator = source(inputs);
    const { dtype, out } = floatOutput(c, shape);
    fill(generator, out);
    return new NdArray(dtype, shape, out);
  };

/** Integers within the bounds that are the last two inputs. */
const boundedIntegers =
  (source: Source): Kernel =>
  (inputs, c) => {
    const shape = shapeOf(inputs[0]);
    const out = allocate(c.outputTypes[0], sizeOf(shape)) as IntegerArray;
    const [low, high] = integerBounds(inputs.at(-2)!, inputs.at(-1)!, out.length);
    fillUniformInt(source(inputs), out, low, high);
    return new NdArray(c.outputTypes[0], shape, out);
  };

const integers =
  (source: Source): Kernel =>
  (inputs, c) => {
    const shape = shapeOf(inputs[0]);
    const out = allocate(c.outputTypes[0], sizeOf(shape)) as IntegerArray;
    fillUniformFullInt(source(inputs), out);
    return new NdArray(c.outputTypes[0], shape, out);
  };

function keyAndCounter(seed: NdArray, [keyType, counterType]: readonly NdArray['dtype'][]): NdArray[] {
  const { key, counter } = keyAndCounterOfSeed(seedPair(seed));
  return [new NdArray(keyType, [1], key), new NdArray(counterType, [2], counter)];
}

export const randomStatelessKernels: KernelTable<typeof randomStatelessOps> = {
  StatelessRandomGetKeyCounter: ([seed], c) => keyAndCounter(seed, c.outputTypes),
  StatelessRandomGetKeyCounterAlg: ([seed], c) => [
    ...keyAndCounter(seed, c.outputTypes),
    NdArray.scalar(c.outputTypes[2], PHILOX_ALGORITHM),
  ],
  StatelessRandomGetAlg: (_, c) => NdArray.scalar(c.outputTypes[0], PHILOX_ALGORITHM),
  StatelessRandomUniform: floats(bySeed, fillUniform),
  StatelessRandomNormal: floats(bySeed, fillNormal),
  StatelessTruncatedNormal: floats(bySeed, fillTruncatedNormal),
  StatelessRandomUniformInt: boundedIntegers(bySeed),
  StatelessRandomUniformFullInt: integers(bySeed),
  StatelessRandomUniformV2: floats(byKey, fillUniform),
  StatelessRandomNormalV2: floats(byKey, fillNormal),
  StatelessTruncatedNormalV2: floats(byKey, fillTruncatedNormal),
  StatelessRandomUniformIntV2: boundedIntegers(byKey),
  StatelessRandomUniformFullIntV2: integers(byKey),
  StatelessMultinomial: ([logits, numSamples, seed], c) => {
    const { scores, batch, samples } = samplingInputs(logits, numSamples);
    if (logits.dtype.isFloating && logits.dtype.size < 4)
      throw new UnimplementedError(`StatelessMultinomial is not implemented for ${logits.dtype.name}.`);
    const out = allocate(c.outputTypes[0], batch * samples) as Int32Array | BigInt64Array;
    if (out.length > 0) fillMultinomial(generatorOfSeed(seedPair(seed)), scores, batch, out);
    return new NdArray(c.outputTypes[0], [batch, samples], out);
  },
};
