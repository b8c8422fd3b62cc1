/** The generator itself: known answers, its 128-bit counter, and the streams that nodes keep. */
import { expect } from 'chai';
import { InvalidArgumentError } from '../../../graph/errors';
import { checkIntegerRange, fillUniform } from '../../../runtime/random/distributions';
import { Philox4x32, type PhiloxState, WordReader } from '../../../runtime/random/philox';
import { RandomStream } from '../../../runtime/random/stateful';
import { generatorOfKeyAndCounter, scrambleSeed } from '../../../runtime/random/stateless';

function nextOf(generator: Philox4x32): number[] {
  const words = new Uint32Array(4);
  generator.next(words);
  return Array.from(words);
}

const numberOf = (words: readonly number[]): bigint =>
  words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);

describe('Philox4x32', () => {
  const all = 0xffffffff;
  const answers: [PhiloxState, number[]][] = [
    [{ key: [0, 0], counter: [0, 0, 0, 0] }, [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [{ key: [all, all], counter: [all, all, all, all] }, [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [
      { key: [0xa4093822, 0x299f31d0], counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] },
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];
  for (const [state, words] of answers) {
    it(`gives the published answer for counter ${state.counter}`, () => {
      expect(nextOf(Philox4x32.fromState(state))).to.deep.equal(words);
    });
  }

  it('takes seeds of 64 bits, as numbers or bigints, negative ones in two’s complement', () => {
    const state = new Philox4x32(-2, 2 ** 40 + 7).getState();
    expect(state).to.deep.equal({ key: [0xfffffffe, 0xffffffff], counter: [0, 0, 7, 256] });
    expect(new Philox4x32(-2n, 2n ** 40n + 7n).getState()).to.deep.equal(state);
    expect(new Philox4x32(2n ** 64n - 2n, 2n ** 64n + 2n ** 40n + 7n).getState()).to.deep.equal(state);
    expect(() => new Philox4x32(0.5)).to.throw(RangeError);
  });

  const counters: [number, number, number, number][] = [
    [0, 0, 0, 0],
    [all, 0, 5, 6],
    [all, all, 5, 6],
    [all - 2, all, all, 6],
    [all, all, all, all],
    [0x80000000, 0x7fffffff, 0xfffffffe, 1],
  ];
  for (const counter of counters) {
    it(`adds to the counter with carries, from ${counter}`, () => {
      const start: PhiloxState = { key: [1, 2], counter };
      for (const step of [
        0,
        1,
        2,
        255,
        2 ** 31,
        2 ** 32 - 1,
        2 ** 32,
        2 ** 40 + 3,
        2n ** 63n + 9n,
        2n ** 64n - 2n ** 33n,
      ]) {
        const generator = Philox4x32.fromState(start);
        generator.skip(step);
        expect(numberOf(generator.getState().counter)).to.equal(BigInt.asUintN(128, numberOf(counter) + BigInt(step)));
        expect(generator.getState().key).to.deep.equal([1, 2]);
      }
      const stepped = Philox4x32.fromState(start);
      stepped.fill(new Uint32Array(16), 4);
      const skipped = Philox4x32.fromState(start);
      skipped.skip(4);
      expect(stepped.getState()).to.deep.equal(skipped.getState());
    });
  }

  it('makes the same blocks one by one, many at once, and after a skip', () => {
    const many = new Uint32Array(4 * 300 + 1);
    new Philox4x32(3, 4).fill(many, 300, 1);
    const single = new Philox4x32(3, 4);
    const singles = Array.from({ length: 300 }, () => nextOf(single)).flat();
    expect(Array.from(many.subarray(1))).to.deep.equal(singles);
    const skipping = new Philox4x32(3, 4);
    skipping.skip(299);
    expect(nextOf(skipping)).to.deep.equal(singles.slice(-4));
    const words = new WordReader(new Philox4x32(3, 4));
    expect(Array.from({ length: 1200 }, () => words.next())).to.deep.equal(singles);
  });

  it('clones without ties, and saves its state as JSON', () => {
    const generator = new Philox4x32(5n, -6n);
    generator.skip(77);
    const saved = JSON.parse(JSON.stringify(generator.getState()));
    const clone = generator.clone();
    const words = nextOf(generator);
    expect(nextOf(clone)).to.deep.equal(words);
    expect(nextOf(Philox4x32.fromState(saved))).to.deep.equal(words);
    expect(nextOf(generator)).to.deep.equal(nextOf(clone)).and.not.to.deep.equal(words);
  });
});

describe('RandomStream', () => {
  const draws = (stream: RandomStream, count: number): number[] => {
    const out = new Float32Array(count);
    fillUniform(stream.reserveOutputs(count), out);
    return Array.from(out);
  };

  it('draws two seeds for an op that has none, and for no other', () => {
    const seeds = [11, 12, 13, 14];
    const drawSeed = () => seeds.shift()!;
    const unseeded = new RandomStream(0, 0n, drawSeed);
    expect(seeds).to.deep.equal([13, 14]);
    expect(draws(unseeded, 9)).to.deep.equal(draws(new RandomStream(11, 12, drawSeed), 9));
    expect(draws(new RandomStream(0, 1, drawSeed), 9)).to.deep.equal(draws(new RandomStream(0n, 1n, drawSeed), 9));
    expect(draws(new RandomStream(1, 0, drawSeed), 2)).not.to.deep.equal(draws(new RandomStream(0, 1, drawSeed), 2));
    expect(seeds).to.deep.equal([13, 14]);
  });

  it('goes on from a state that was saved', () => {
    const noSeed = () => expect.fail('This op has a seed.');
    const stream = new RandomStream(1, 2, noSeed);
    draws(stream, 100);
    const saved = JSON.parse(JSON.stringify(stream.getState()));
    const next = draws(stream, 6);
    expect(draws(stream, 6)).not.to.deep.equal(next);
    const other = new RandomStream(3, 4, noSeed);
    other.setState(saved);
    expect(draws(other, 6)).to.deep.equal(next);
  });

  it('sets aside 256 blocks for an element, and whatever else is asked for', () => {
    const stream = new RandomStream(1, 2, () => 0);
    expect(stream.reserveOutputs(3).getState().counter).to.deep.equal([0, 0, 2, 0]);
    expect(stream.reserve(5).getState().counter).to.deep.equal([768, 0, 2, 0]);
    expect(stream.reserveOutputs(0).getState().counter).to.deep.equal([773, 0, 2, 0]);
    expect(stream.reserveOutputs(2 ** 26).getState().counter).to.deep.equal([773, 0, 2, 0]);
    expect(stream.getState()).to.deep.equal({ key: [1, 0], counter: [773, 4, 2, 0] });
  });
});

describe('random number errors', () => {
  it('rejects ranges without integers', () => {
    checkIntegerRange(-1, 0);
    checkIntegerRange(2n ** 40n, 2n ** 40n + 1n);
    expect(() => checkIntegerRange(5, 5)).to.throw(InvalidArgumentError, 'Need minval < maxval, got 5 >= 5');
    expect(() => checkIntegerRange(7n, -1n)).to.throw(InvalidArgumentError, 'Need minval < maxval, got 7 >= -1');
  });

  it('knows one algorithm, and the choice of it', () => {
    const [key, counter] = [BigUint64Array.of(7n + (8n << 32n)), BigUint64Array.of(1n << 63n, 9n)];
    const state = { key: [7, 8], counter: [0, 0x80000000, 9, 0] };
    expect(generatorOfKeyAndCounter(key, counter, 1).getState()).to.deep.equal(state);
    expect(generatorOfKeyAndCounter(key, counter, 3).getState()).to.deep.equal(state);
    expect(() => generatorOfKeyAndCounter(key, counter, 2)).to.throw(
      InvalidArgumentError,
      'Unsupported algorithm id: 2',
    );
  });

  it('reads seeds of any integer type', () => {
    const state = scrambleSeed([-3n, 4n]);
    expect(scrambleSeed(Int32Array.of(-3, 4))).to.deep.equal(state);
    expect(scrambleSeed(BigInt64Array.of(-3n, 4n))).to.deep.equal(state);
    expect(scrambleSeed(BigUint64Array.of(2n ** 64n - 3n, 4n))).to.deep.equal(state);
    expect(scrambleSeed([4n, -3n])).not.to.deep.equal(state);
  });
});
