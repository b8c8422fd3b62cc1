import { expect } from 'chai';
import fc from 'fast-check';
import {
  type BlockWords,
  emitPhilox4,
  emitPhilox8,
  emitPhiloxSetup,
  PHILOX_STATE_BYTES,
} from '../../../../runtime/backends/wasm/random/philox';
import { Philox4x32 } from '../../../../runtime/random/philox';
import { instantiate } from './vectorHarness';

/** `words(state, out, block)`: writes the words of `count` blocks from `block` on. */
function wordsKernel(count: 4 | 8) {
  return instantiate((module) => {
    module.define('words', ['i32', 'i32', 'i32'], [], (f, state, out, block) => {
      const philox = emitPhiloxSetup(f, state);
      const words = Array.from({ length: count }, () => f.local('v128'));
      if (count === 4) emitPhilox4(f, philox, block, words as unknown as BlockWords);
      else emitPhilox8(f, philox, block, words as unknown as [...BlockWords, ...BlockWords]);
      words.forEach((local, j) =>
        f
          .get(out)
          .get(local)
          .access('v128.store', 16 * j),
      );
    });
  });
}

/** Words, often close to where a carry goes into the next one. */
const word = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.integer({ min: 2 ** 32 - 12, max: 2 ** 32 - 1 }),
  fc.constantFrom(0, 2 ** 32 - 1),
);

describe('Philox in WebAssembly', () => {
  for (const count of [4, 8] as const) {
    it(`makes the same words as the plain generator, ${count} blocks at a time`, () => {
      const { exports, buffer } = wordsKernel(count);
      const states = fc.tuple(word, word, word, word, word, word);
      const blocks = word.map((block) => Math.min(block, 2 ** 32 - count));
      fc.assert(
        fc.property(states, blocks, ([c0, c1, c2, c3, k0, k1], block) => {
          new Uint32Array(buffer, 0, PHILOX_STATE_BYTES / 4).set([c0, c1, c2, c3, k0, k1]);
          const plain = Philox4x32.fromState({ key: [k0, k1], counter: [c0, c1, c2, c3] });
          plain.skip(block);
          const want = new Uint32Array(4 * count);
          plain.fill(want, count);
          exports.words(0, 1024, block);
          expect([...new Uint32Array(buffer, 1024, 4 * count)]).to.deep.equal([...want]);
        }),
        { numRuns: 500 },
      );
    });
  }
});
