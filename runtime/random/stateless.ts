/**
 * Generators of the stateless random ops: from a seed of two integers, or from the key and the counter that
 * StatelessRandomGetKeyCounter makes of one. The numbers are then those of distributions.ts and sampling.ts.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { Philox4x32, type PhiloxState } from './philox';

/** Numbers of generator algorithms. Mirrors tf.random.Algorithm. */
export const PHILOX_ALGORITHM = 1;
export const AUTO_SELECT_ALGORITHM = 3;

/** The key under which seeds are scrambled, so that it does not matter which part of a seed varies. */
const SCRAMBLING_KEY = [0x3ec8f720, 0x02461e29] as const;

type IntegerPair = ArrayLike<number> | ArrayLike<bigint>;

/** The state that a stateless op with that seed (two integers of any integer type) begins with. */
export function scrambleSeed(seed: IntegerPair): PhiloxState {
  const { key, counter } = new Philox4x32(seed[0], seed[1]).getState();
  const words = new Uint32Array(4);
  Philox4x32.fromState({ key: SCRAMBLING_KEY, counter: [key[0], key[1], counter[2], counter[3]] }).next(words);
  return { key: [words[0], words[1]], counter: [0, 0, words[2], words[3]] };
}

/** The generator of a stateless op of the first version, such as StatelessRandomUniform or StatelessMultinomial. */
export function generatorOfSeed(seed: IntegerPair): Philox4x32 {
  return Philox4x32.fromState(scrambleSeed(seed));
}

/** Key (one number) and counter (two) of a seed. Mirrors the kernel of StatelessRandomGetKeyCounter. */
export function keyAndCounterOfSeed(seed: IntegerPair): { key: BigUint64Array; counter: BigUint64Array } {
  const { key, counter } = scrambleSeed(seed);
  return {
    key: new BigUint64Array(Uint32Array.from(key).buffer),
    counter: new BigUint64Array(Uint32Array.from(counter).buffer),
  };
}

/**
 * The generator of a stateless op of the second version, such as StatelessRandomUniformV2.
 *
 * Throws InvalidArgumentError for any algorithm but Philox and AUTO_SELECT.
 */
export function generatorOfKeyAndCounter(key: BigUint64Array, counter: BigUint64Array, algorithm: number): Philox4x32 {
  if (algorithm !== PHILOX_ALGORITHM && algorithm !== AUTO_SELECT_ALGORITHM) {
    throw new InvalidArgumentError(`Unsupported algorithm id: ${algorithm}`);
  }
  const [k0, k1] = wordsOf(key[0]);
  return Philox4x32.fromState({ key: [k0, k1], counter: [...wordsOf(counter[0]), ...wordsOf(counter[1])] });
}

function wordsOf(value: bigint): [number, number] {
  return [Number(value & 0xffffffffn), Number(value >> 32n)];
}
