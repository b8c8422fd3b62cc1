import { expect } from 'chai';
import fc from 'fast-check';
import type { FunctionBuilder, Local } from '../../../../runtime/backends/wasm/assembler/functionBuilder';
import {
  emitNormalFloat32,
  emitNormalTable,
  NORMAL_TABLE_BYTES,
} from '../../../../runtime/backends/wasm/random/normals';
import {
  emitIntegerRange32,
  emitUniformAtLeast,
  emitUniformFloat32,
  emitUniformFloat64,
  emitUniformInt32,
  emitUniformInt64,
} from '../../../../runtime/backends/wasm/random/numbers';
import {
  type BlockWords,
  emitPhilox4,
  emitPhilox8,
  emitPhiloxSetup,
  emitSkip,
  PHILOX_STATE_BYTES,
} from '../../../../runtime/backends/wasm/random/philox';
import { fillNormal, fillUniform, fillUniformInt } from '../../../../runtime/random/distributions';
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

/** `numbers(state, out, count of blocks)`: what an emitter makes of each block's words. */
function numbersKernel(emit: (f: FunctionBuilder, words: Local) => void) {
  const { exports, buffer } = instantiate((module) => {
    module.define('numbers', ['i32', 'i32', 'i32'], [], (f, state, out, blocks) => {
      const philox = emitPhiloxSetup(f, state);
      const block = f.local('i32');
      const words = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')] as const;
      f.loop((again) => {
        emitPhilox4(f, philox, block, words);
        for (const [j, local] of words.entries()) {
          f.get(out);
          emit(f, local);
          f.access('v128.store', 16 * j);
        }
        f.get(out).i32(64).op('i32.add').set(out);
        f.get(block).i32(4).op('i32.add').tee(block).get(blocks).op('i32.lt_u').brIf(again);
      });
    });
  });
  return (state: readonly number[], bytes: number): ArrayBuffer => {
    new Uint32Array(buffer).set(state);
    exports.numbers(0, 1024, Math.ceil(bytes / 16));
    return buffer.slice(1024, 1024 + bytes);
  };
}

describe('Philox in WebAssembly, at blocks far apart', () => {
  it('carries into all words of the counter', () => {
    const { exports, buffer } = instantiate((module) => {
      module.define('words', ['i32', 'i32', 'i32'], [], (f, state, out, block) => {
        const philox = emitPhiloxSetup(f, state);
        const [near, far] = [0, 1].map(() => [0, 1, 2, 3].map(() => f.local('v128')) as unknown as BlockWords);
        const [base, one] = [[0, 1, 2, 3].map(() => f.local('v128')) as unknown as BlockWords, f.local('i32')];
        emitPhilox4(f, philox, block, near, 8);
        f.i32(1).set(one);
        emitPhilox4(f, emitSkip(f, philox, block, 8, base), one, far);
        [...near, ...far].forEach((local, j) =>
          f
            .get(out)
            .get(local)
            .access('v128.store', 16 * j),
        );
      });
    });
    const states = fc.tuple(word, word, word, word, word, word);
    fc.assert(
      fc.property(states, word, ([c0, c1, c2, c3, k0, k1], block) => {
        fc.pre(block <= 2 ** 32 - 4);
        new Uint32Array(buffer).set([c0, c1, c2, c3, k0, k1]);
        exports.words(0, 1024, block);
        const blockAt = (index: number) => {
          const plain = Philox4x32.fromState({ key: [k0, k1], counter: [c0, c1, c2, c3] });
          plain.skip(index);
          const words = new Uint32Array(4);
          plain.next(words);
          return [...words];
        };
        const near = [0, 1, 2, 3].map((j) => blockAt((block + j) * 256));
        const far = [1, 2, 3, 4].map((j) => blockAt(block * 256 + j));
        expect([...new Uint32Array(buffer, 1024, 32)]).to.deep.equal([...near, ...far].flat());
      }),
      { numRuns: 300 },
    );
  });
});

describe('random numbers in WebAssembly', () => {
  const state = [2 ** 32 - 30, 2 ** 32 - 1, 7, 8, 123, 456];
  const generator = () => Philox4x32.fromState({ counter: state.slice(0, 4) as never, key: state.slice(4) as never });
  const COUNT = 1000;

  it('are uniform float32 numbers, the plain kernels’ bit for bit', () => {
    const want = new Float32Array(COUNT);
    fillUniform(generator(), want);
    const got = numbersKernel(emitUniformFloat32)(state, want.byteLength);
    expect([...new Float32Array(got)]).to.deep.equal([...want]);
  });

  it('are uniform float64 numbers, bit for bit', () => {
    const want = new Float64Array(COUNT);
    fillUniform(generator(), want);
    const got = numbersKernel(emitUniformFloat64)(state, want.byteLength);
    expect([...new Float64Array(got)]).to.deep.equal([...want]);
  });

  it('are integers of a range', () => {
    const ranges = [
      [0, 10],
      [-5, 6],
      [-(2 ** 31), 2 ** 31 - 1],
      [7, 8],
      [-(2 ** 31), 2],
    ];
    for (const [lo, hi] of ranges) {
      const want = new Int32Array(COUNT);
      fillUniformInt(generator(), want, lo, hi);
      const got = numbersKernel((f, words) => {
        const [low, high] = [f.local('i32'), f.local('i32')];
        f.i32(lo).set(low).i32(hi).set(high);
        emitUniformInt32(f, words, emitIntegerRange32(f, low, high));
      })(state, want.byteLength);
      expect([...new Int32Array(got)]).to.deep.equal([...want]);
    }
  });

  it('are 64-bit integers of a range', () => {
    const ranges = [
      [0n, 10n],
      [-(2n ** 63n), 2n ** 63n - 1n],
      [-(2n ** 40n), 3n],
    ];
    for (const [lo, hi] of ranges) {
      const want = new BigInt64Array(COUNT);
      fillUniformInt(generator(), want, lo, hi);
      const got = numbersKernel((f, words) => {
        const [low, size] = [f.local('i64'), f.local('i64')];
        f.i64(lo)
          .set(low)
          .i64(hi - lo)
          .set(size);
        emitUniformInt64(f, words, low, size);
      })(state, want.byteLength);
      expect([...new BigInt64Array(got)]).to.deep.equal([...want]);
    }
  });

  it('are normal float32 numbers, bit for bit', () => {
    const want = new Float32Array(4 * COUNT);
    fillNormal(generator(), want);
    const table = 512;
    const got = numbersKernel((f, words) => {
      const address = f.local('i32');
      f.i32(table).set(address);
      emitNormalTable(f, address);
      emitNormalFloat32(f, words, address);
    })(state, want.byteLength);
    expect(NORMAL_TABLE_BYTES).to.be.at.most(1024 - table);
    expect([...new Uint32Array(got)]).to.deep.equal([...new Uint32Array(want.buffer)]);
  });
});

describe('dropout in WebAssembly', () => {
  /** `dropout(state, x, out, bytes)`: masks of x made in the same pass, 32 elements at a time. */
  function dropoutKernel(rate: number) {
    return instantiate((module) => {
      module.define('dropout', ['i32', 'i32', 'i32', 'i32'], [], (f, state, x, out, bytes) => {
        const philox = emitPhiloxSetup(f, state);
        const words = Array.from({ length: 8 }, () => f.local('v128')) as unknown as [...BlockWords, ...BlockWords];
        const [block, end] = [f.local('i32'), f.local('i32')];
        f.get(out).get(bytes).op('i32.add').set(end);
        f.loop((again) => {
          emitPhilox8(f, philox, block, words);
          for (const [j, local] of words.entries()) {
            f.get(out);
            emitUniformAtLeast(f, local, rate);
            f.get(x)
              .access('v128.load', 16 * j)
              .f32x4(1 / (1 - rate))
              .op('f32x4.mul')
              .op('v128.and');
            f.access('v128.store', 16 * j);
          }
          f.get(block).i32(8).op('i32.add').set(block);
          f.get(x).i32(128).op('i32.add').set(x);
          f.get(out).i32(128).op('i32.add').tee(out).get(end).op('i32.lt_u').brIf(again);
        });
      });
    });
  }

  it('is one pass, and drops what the plain kernels drop', () => {
    const count = 32 * 64;
    for (const rate of [0, 0.1, 0.5, Math.fround(0.3), 1 - 2 ** -23]) {
      const { exports, buffer } = dropoutKernel(rate);
      const state = [2 ** 32 - 100, 5, 6, 7, 8, 9];
      new Uint32Array(buffer).set(state);
      const x = new Float32Array(buffer, 1024, count).map((_, i) => i + 1);
      new Float32Array(buffer, 1024, count).set(x);
      exports.dropout(0, 1024, 1 << 20, 4 * count);
      const uniform = new Float32Array(count);
      fillUniform(Philox4x32.fromState({ counter: state.slice(0, 4) as never, key: state.slice(4) as never }), uniform);
      const scale = Math.fround(1 / (1 - rate));
      const want = x.map((value, i) => (uniform[i] >= Math.fround(rate) ? value * scale : 0));
      expect([...new Float32Array(buffer, 1 << 20, count)]).to.deep.equal([...want]);
    }
  });
});
