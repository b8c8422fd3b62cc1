/** Permutations and class numbers, against those that TensorFlow's kernels draw. */
import { expect } from 'chai';
import { Philox4x32 } from '../../../runtime/random/philox';
import {
  fillMultinomial,
  multinomialBlocks,
  shuffleBlocks,
  shufflePermutation,
} from '../../../runtime/random/sampling';
import { RandomStream } from '../../../runtime/random/stateful';
import { generatorOfSeed } from '../../../runtime/random/stateless';
import { arrayOf, expectSame, type GoldenChoice, golden } from './goldenRandom';

const noSeed = (): number => {
  throw new Error('This op has a seed.');
};

/** The logits of a golden row: those written down, or those of the formula in spec/golden/random.py. */
function logitsOf(row: GoldenChoice): Float32Array | Float64Array {
  const [batch, classes] = row.shape;
  const flat = row.logits?.flat().map(Number);
  const values = flat ?? Array.from({ length: batch * classes }, (_, i) => ((i * 37) % 101) / 25 - 2);
  return row.dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
}

describe('random choices', () => {
  for (const row of golden.choices.filter(({ op }) => op === 'RandomShuffle')) {
    it(`RandomShuffle, seeds ${row.seed.join(' and ')}: runs of ${row.runs.map(({ size }) => size).join(', ')}`, () => {
      const stream = new RandomStream(BigInt(row.seed[0]), BigInt(row.seed[1]), noSeed);
      for (const run of row.runs) {
        expectSame(shufflePermutation(stream.reserve(shuffleBlocks(run.size)), run.size), run);
      }
    });
  }

  for (const row of golden.choices.filter(({ op }) => op === 'Multinomial')) {
    const [batch, classes] = row.shape;
    const title = `${batch} × ${classes} ${row.logits ? 'odd ' : ''}${row.dtype} logits, ${row.samples} ${row.output} samples`;
    it(`Multinomial: ${title}`, () => {
      const stream = new RandomStream(BigInt(row.seed[0]), BigInt(row.seed[1]), noSeed);
      const draw = (generator: Philox4x32) => {
        const out = arrayOf(row.output, batch * row.samples) as Int32Array | BigInt64Array;
        fillMultinomial(generator, logitsOf(row), batch, out);
        return out;
      };
      for (const run of row.runs) expectSame(draw(stream.reserve(multinomialBlocks(batch, row.samples))), run);
      expectSame(draw(generatorOfSeed(row.statelessSeed.map(BigInt))), row.stateless);
    });
  }

  it('sets nothing aside where nothing is drawn', () => {
    expect([shuffleBlocks(0), shuffleBlocks(1), shuffleBlocks(2), shuffleBlocks(6)]).to.deep.equal([0, 0, 1, 2]);
    expect(multinomialBlocks(3, 0)).to.equal(0);
  });

  it('leaves a batch of no rows alone', () => {
    fillMultinomial(new Philox4x32(1, 2), new Float32Array(0), 0, new BigInt64Array(0));
  });
});
