import { expect } from 'chai';
import { defineMath, type MathFunction, makeMath } from '../../../../runtime/backends/wasm/math/functions';
import { erf } from '../../../../runtime/specialFunctions';
import { instantiate, TARGETS, ulps64, VectorKernel } from './vectorHarness';

/** The functions, and the largest errors in units in the last place of what ECMAScript's give, which err by up to one. */
const unary: Record<
  Exclude<MathFunction, 'pow' | 'atan2' | 'erfc' | 'expOfNegative'>,
  { want: (x: number) => number; ulps: number }
> = {
  exp: { want: Math.exp, ulps: 1 },
  expm1: { want: Math.expm1, ulps: 2 },
  sigmoid: { want: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), ulps: 3 },
  softplus: { want: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), ulps: 3 },
  tanh: { want: Math.tanh, ulps: 3 },
  sinh: { want: Math.sinh, ulps: 2 },
  cosh: { want: Math.cosh, ulps: 2 },
  log: { want: Math.log, ulps: 1 },
  log1p: { want: Math.log1p, ulps: 2 },
  asinh: { want: Math.asinh, ulps: 2 },
  acosh: { want: Math.acosh, ulps: 2 },
  atanh: { want: Math.atanh, ulps: 3 },
  sin: { want: Math.sin, ulps: 2 },
  cos: { want: Math.cos, ulps: 2 },
  tan: { want: Math.tan, ulps: 4 },
  asin: { want: Math.asin, ulps: 3 },
  acos: { want: Math.acos, ulps: 2 },
  atan: { want: Math.atan, ulps: 2 },
  // The plain function errs by seven itself.
  erf: { want: erf, ulps: 9 },
  rsqrt: { want: (x) => 1 / Math.sqrt(x), ulps: 0 },
};

const SPECIAL = [0, 1, Infinity, NaN, 2 ** -1074, 2 ** -1022, Number.MAX_VALUE, 0.5, 2, 709.8, 710.4, 745.2, 1e-20];
const SAMPLES = 1 << 14;

/** Doubles all over the range, and a stretch around the origin; then the special ones. */
function fillSamples(x: Float64Array): void {
  const words = new Uint32Array(x.buffer, x.byteOffset, 2 * x.length);
  const half = x.length / 2;
  for (let i = 0; i < half; i++) {
    words[2 * i] = Math.imul(i, 0x9e3779b9);
    words[2 * i + 1] = i * Math.floor(2 ** 32 / half) + 4099;
  }
  for (let i = half; i < x.length; i++) x[i] = (40 * (i - half)) / half - 20;
  SPECIAL.forEach((value, i) => x.set([value, -value], 2 * i));
}

describe('vector functions of float64', () => {
  for (const { relaxed } of TARGETS) {
    const functions = makeMath('f64x2', { relaxed });
    for (const [name, { want, ulps }] of Object.entries(unary)) {
      it(`compute ${name} within ${ulps} units in the last place${relaxed ? ', with fused multiply-adds' : ''}`, () => {
        const kernel = new VectorKernel(Float64Array, SAMPLES, 1, functions[name as MathFunction]);
        const [x] = kernel.operands;
        fillSamples(x);
        kernel.run();
        for (let i = 0; i < x.length; i++) {
          const error = ulps64(kernel.out[i], want(x[i]));
          if (!(error <= ulps)) expect.fail(`${name}(${x[i]}) is ${kernel.out[i]}, not ${want(x[i])}: ${error} ulp`);
        }
      });
    }
  }

  for (const { relaxed } of TARGETS) {
    const { pow } = makeMath('f64x2', { relaxed });
    const how = relaxed ? ', with fused multiply-adds' : '';

    it(`compute pow within 2 units in the last place, and C's special cases${how}`, () => {
      const kernel = new VectorKernel(Float64Array, SAMPLES, 2, pow);
      const [x, y] = kernel.operands;
      const special = [...SPECIAL, 3, 2 ** 53 + 2, 2 ** 53 - 1, 1 - 2 ** -53].flatMap((value) => [value, -value]);
      let at = 0;
      for (const a of special) for (const b of special) [x[at], y[at++]] = [a, b];
      for (; at < x.length; at++) {
        const [u, v] = [(at * Math.SQRT2) % 1, (at * Math.sqrt(3)) % 1];
        x[at] = at % 3 === 0 ? 10 * u - 5 : Math.exp(1200 * u - 600);
        y[at] = at % 3 === 0 ? Math.floor(20 * v) - 10 : ((2 * v - 1) * 700) / Math.abs(Math.log(x[at]));
      }
      kernel.run();
      for (let i = 0; i < x.length; i++) {
        // ECMAScript's differs for bases 1 and -1, and is less precise for exponents as large as these.
        const isOne = x[i] === 1 || (x[i] === -1 && Math.abs(y[i]) === Infinity);
        const isHard = Math.abs(Math.abs(x[i]) - 1) < 1e-3 && Math.abs(y[i]) > 1e4 && Number.isFinite(y[i]);
        const want = isOne ? 1 : x[i] ** y[i];
        const error = isHard && want !== 0 && Number.isFinite(want) ? 0 : ulps64(kernel.out[i], want);
        if (!(error <= 2)) expect.fail(`${x[i]} ** ${y[i]} is ${kernel.out[i]}, not ${want}: ${error} ulp`);
      }
    });

    it(`compute pow as precisely for bases close to 1${how}`, () => {
      // Results with 60 digits from mpmath: mpf(x) ** mpf(y).
      const cases = [
        [0.9999998882311442, 3356224228.895179, 1.2214115497433038e-163],
        [0.9999999144841772, -8040532722.193638, 4.1472390593791e298],
      ];
      const kernel = new VectorKernel(Float64Array, 2, 2, pow);
      cases.forEach(([a, b], i) => kernel.operands.forEach((operand, k) => (operand[i] = [a, b][k])));
      kernel.run();
      cases.forEach(([, , want], i) => expect(ulps64(kernel.out[i], want)).to.be.at.most(1));
    });
  }

  it('compute atan2 within 3 units in the last place', () => {
    const kernel = new VectorKernel(Float64Array, SAMPLES, 2, makeMath('f64x2', { relaxed: false }).atan2);
    const [y, x] = kernel.operands;
    const special = [...SPECIAL, 1.5e308].flatMap((value) => [value, -value]);
    let at = 0;
    for (const a of special) for (const b of special) [y[at], x[at++]] = [a, b];
    for (; at < x.length; at++) {
      y[at] = (((at * Math.SQRT2) % 1) - 0.5) * 2 ** (at % 32);
      x[at] = ((at * Math.sqrt(3)) % 1) - 0.5;
    }
    kernel.run();
    for (let i = 0; i < x.length; i++) {
      const error = ulps64(kernel.out[i], Math.atan2(y[i], x[i]));
      if (!(error <= 3)) expect.fail(`atan2(${y[i]}, ${x[i]}) is ${kernel.out[i]}, not ${Math.atan2(y[i], x[i])}`);
    }
  });

  it('compute erf within 2 units in the last place', () => {
    // Rounded from 40 digits of mpmath's erf.
    const cases = [
      [1e-300, 1.1283791670955126e-300],
      [-1e-9, -1.1283791670955127e-9],
      [0.1, 0.1124629160182849],
      [-0.4401987819045523, -0.46640992061306175],
      [0.75, 0.7111556336535151],
      [-0.8592661573352639, -0.7757047852923759],
      [0.9, 0.7969082124228322],
      [1.25, 0.9229001282564583],
      [-2, -0.9953222650189527],
      [3.5, 0.9999992569016276],
      [5.5, 0.9999999999999927],
      [7, 1.0],
    ];
    const kernel = new VectorKernel(Float64Array, cases.length, 1, makeMath('f64x2', { relaxed: false }).erf);
    kernel.operands[0].set(cases.map(([x]) => x));
    kernel.run();
    cases.forEach(([x, want], i) => expect(ulps64(kernel.out[i], want), `${x}`).to.be.at.most(2));
  });

  it('reduce the angle that is closest to a multiple of π/2', () => {
    const functions = makeMath('f64x2', { relaxed: false });
    const angle = 6381956970095103 * 2 ** 797;
    for (const [name, want] of [
      ['sin', 1],
      ['cos', -4.6871659242546277e-19],
    ] as const) {
      const kernel = new VectorKernel(Float64Array, 2, 1, functions[name]);
      kernel.operands[0].fill(angle);
      kernel.run();
      expect(ulps64(kernel.out[0], want), name).to.be.at.most(1);
    }
  });

  it('keep small angles, and the sign of zero, beside large ones', () => {
    const kernel = new VectorKernel(Float64Array, 4, 1, makeMath('f64x2', { relaxed: false }).sin);
    kernel.operands[0].set([1e300, -0, 1e-310, 1e22]);
    kernel.run();
    expect([...kernel.out]).to.deep.equal([1e300, -0, 1e-310, 1e22].map(Math.sin));
  });

  it('can be functions of a module', () => {
    const { exports, buffer } = instantiate((module) => {
      const exp = defineMath(module, 'f64x2', 'exp', { relaxed: false });
      module.define('run', [], [], (f) => f.i32(16).i32(0).access('v128.load').call(exp).access('v128.store'));
    });
    new Float64Array(buffer).set([0, -Infinity]);
    exports.run();
    expect([...new Float64Array(buffer, 16, 2)]).to.deep.equal([1, 0]);
  });
});
