import { expect } from 'chai';
import {
  arityOf,
  defineMath,
  type F32x4Function,
  makeF32x4Functions,
} from '../../../../runtime/backends/wasm/math/f32x4';
import { instantiate, ulps32, VectorKernel } from './vectorHarness';

/** The function as doubles have it, and the largest error in units in the last place of the exact result. */
const unary: Partial<Record<F32x4Function, { exact: (x: number) => number; ulps: number }>> = {
  exp: { exact: Math.exp, ulps: 1.5 },
  sigmoid: { exact: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), ulps: 2.5 },
  tanh: { exact: Math.tanh, ulps: 2 },
  log: { exact: Math.log, ulps: 1 },
};

const SPECIAL = [0, 1, Infinity, NaN, 2 ** -149, 2 ** -127, 2 ** -126, 3.4028234663852886e38, 0.5, 2, 88.8, 104, 1e-8];
const SAMPLES = 1 << 16;

/** Float32 numbers all over the range: every so many-th bit pattern, and a stretch around the origin; then the special ones. */
function fillSamples(x: Float32Array): void {
  const bits = new Uint32Array(x.buffer, x.byteOffset, x.length);
  const half = x.length / 2;
  for (let i = 0; i < half; i++) bits[i] = i * Math.floor(2 ** 32 / half) + 4099;
  for (let i = half; i < x.length; i++) x[i] = (24 * (i - half)) / half - 12;
  SPECIAL.forEach((value, i) => x.set([value, -value], 2 * i));
}

describe('vector functions of float32', () => {
  for (const relaxed of [false, true]) {
    const functions = makeF32x4Functions({ relaxed });
    for (const [name, { exact, ulps }] of Object.entries(unary)) {
      it(`compute ${name} within ${ulps} units in the last place${relaxed ? ', with fused multiply-adds' : ''}`, () => {
        const kernel = new VectorKernel(Float32Array, SAMPLES, 1, functions[name as F32x4Function]);
        const [x] = kernel.operands;
        fillSamples(x);
        kernel.run();
        for (let i = 0; i < x.length; i++) {
          const error = ulps32(kernel.out[i], exact(x[i]));
          if (!(error <= ulps)) expect.fail(`${name}(${x[i]}) is ${kernel.out[i]}, not ${exact(x[i])}: ${error} ulp`);
        }
      });
    }
  }

  it('can be functions of a module', () => {
    const { exports, buffer } = instantiate((module) => {
      const exp = defineMath(module, 'exp', { relaxed: false });
      module.define('run', [], [], (f) => f.i32(16).i32(0).access('v128.load').call(exp).access('v128.store'));
    });
    new Float32Array(buffer).set([0, 1, -Infinity, 2]);
    exports.run();
    expect([...new Float32Array(buffer, 16, 4)]).to.deep.equal([1, Math.fround(Math.E), 0, Math.fround(Math.exp(2))]);
    expect(arityOf('exp')).to.equal(1);
  });
});
