import { expect } from 'chai';
import { type RandomFill, randomFillCall } from '../../../../runtime/backends/wasm/random/fill';
import type { IntegerArray } from '../../../../runtime/random/distributions';
import * as distributions from '../../../../runtime/random/distributions';
import { Philox4x32 } from '../../../../runtime/random/philox';

const STATE = 64;
const LO = 128;
const HI = 136;
const OUT = 4096;
const SCRATCH = 65536;

const words = [2 ** 32 - 700, 2 ** 32 - 1, 2 ** 32 - 1, 8, 123, 456];
const generator = (start: readonly number[] = words) =>
  Philox4x32.fromState({ counter: start.slice(0, 4) as never, key: start.slice(4) as never });

/** Runs a fill, in parts of so many groups, and gives the bytes; checks that it writes no others. */
function run(fill: RandomFill, bytes: number, part: number): ArrayBuffer {
  const call = randomFillCall(fill, STATE, OUT, bytes);
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 65536 });
  const scratch = new WebAssembly.Global({ value: 'i32', mutable: false }, SCRATCH);
  const module = new WebAssembly.Module(call.module.build({ shared: false, relaxed: false }));
  const exports = new WebAssembly.Instance(module, { env: { memory, scratch } }).exports;
  new Uint32Array(memory.buffer, STATE).set(words);
  if (fill.kind === 'int32') new Int32Array(memory.buffer, LO, 3).set([-5, 0, 1000]);
  if (fill.kind === 'int64') new BigInt64Array(memory.buffer, LO, 2).set([-5n, 2n ** 50n]);
  new Uint8Array(memory.buffer, OUT, SCRATCH - OUT).fill(0xaa);
  const { extent } = call.range!;
  for (let begin = 0; begin < extent; begin += part) {
    (exports[call.exportName] as (...args: number[]) => void)(...call.args, begin, Math.min(begin + part, extent));
  }
  expect(new Uint8Array(memory.buffer, OUT + bytes, 64).every((byte) => byte === 0xaa)).to.equal(true);
  return memory.buffer.slice(OUT, OUT + bytes);
}

const COUNT = 3001;

describe('random fills in WebAssembly', () => {
  const cases: [RandomFill, (generator: Philox4x32) => Float32Array | Float64Array | IntegerArray][] = [
    [
      { kind: 'uniform', dtype: 'float32' },
      (g) => filled(new Float32Array(COUNT), (out) => distributions.fillUniform(g, out)),
    ],
    [
      { kind: 'uniform', dtype: 'float64' },
      (g) => filled(new Float64Array(COUNT), (out) => distributions.fillUniform(g, out)),
    ],
    [{ kind: 'bits' }, (g) => filled(new Uint32Array(COUNT), (out) => distributions.fillUniformFullInt(g, out))],
    [{ kind: 'normal' }, (g) => filled(new Float32Array(COUNT), (out) => distributions.fillNormal(g, out))],
    [
      { kind: 'truncatedNormal' },
      (g) => filled(new Float32Array(COUNT), (out) => distributions.fillTruncatedNormal(g, out)),
    ],
    [
      { kind: 'int32', lo: LO, hi: HI },
      (g) => filled(new Int32Array(COUNT), (out) => distributions.fillUniformInt(g, out, -5, 1000)),
    ],
    [
      { kind: 'int64', lo: LO, hi: HI },
      (g) => filled(new BigInt64Array(COUNT), (out) => distributions.fillUniformInt(g, out, -5, 2n ** 50n)),
    ],
  ];
  for (const [fill, plain] of cases) {
    const name = fill.kind === 'uniform' ? `${fill.kind} ${fill.dtype}` : fill.kind;
    it(`are the plain kernels’ bit for bit, however they are split: ${name}`, () => {
      const want = plain(generator());
      for (const part of [1e9, 256, 13]) {
        const got = new Uint32Array(run(fill, want.byteLength, part));
        expect([...got]).to.deep.equal([...new Uint32Array(want.buffer)]);
      }
    });
  }
});

function filled<A>(out: A, fill: (out: A) => void): A {
  fill(out);
  return out;
}
