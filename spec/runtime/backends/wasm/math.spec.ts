import { expect } from 'chai';
import { FunctionBuilder } from '../../../../runtime/backends/wasm/assembler/functionBuilder';
import { arityOf, defineMath, type MathFunction, makeMath } from '../../../../runtime/backends/wasm/math/functions';
import { erf, erfc } from '../../../../runtime/specialFunctions';
import { instantiate, TARGETS, ulps32, VectorKernel } from './vectorHarness';

type Unary = Exclude<MathFunction, 'pow' | 'atan2'>;

/** The functions as doubles have them, and the largest errors in units in the last place of the exact result. */
const unary: Record<Unary, { exact: (x: number) => number; ulps: number }> = {
  exp: { exact: Math.exp, ulps: 1.2 },
  expOfNegative: { exact: Math.exp, ulps: 1.2 },
  expm1: { exact: Math.expm1, ulps: 1.6 },
  sigmoid: { exact: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), ulps: 2.5 },
  softplus: { exact: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), ulps: 1.8 },
  tanh: { exact: Math.tanh, ulps: 1.6 },
  sinh: { exact: Math.sinh, ulps: 1.8 },
  cosh: { exact: Math.cosh, ulps: 1.6 },
  log: { exact: Math.log, ulps: 0.9 },
  log1p: { exact: Math.log1p, ulps: 1.5 },
  asinh: { exact: Math.asinh, ulps: 1.8 },
  acosh: { exact: Math.acosh, ulps: 1.8 },
  atanh: { exact: Math.atanh, ulps: 2.2 },
  sin: { exact: Math.sin, ulps: 1.7 },
  cos: { exact: Math.cos, ulps: 1.7 },
  tan: { exact: Math.tan, ulps: 3.5 },
  asin: { exact: Math.asin, ulps: 2.4 },
  acos: { exact: Math.acos, ulps: 1.5 },
  atan: { exact: Math.atan, ulps: 2.9 },
  erf: { exact: erf, ulps: 1.5 },
  erfc: { exact: erfc, ulps: 2.5 },
  rsqrt: { exact: (x) => 1 / Math.sqrt(x), ulps: 1.5 },
};

/** C's pow: ECMAScript's differs for bases 1 and −1. */
const power = (x: number, y: number): number => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y);

const binary: Record<'pow' | 'atan2', { exact: (x: number, y: number) => number; ulps: number }> = {
  pow: { exact: power, ulps: 0.6 },
  atan2: { exact: Math.atan2, ulps: 3 },
};

const SPECIAL = [
  0,
  1,
  Infinity,
  NaN,
  2 ** -149,
  2 ** -127,
  2 ** -126,
  3.4028234663852886e38,
  0.5,
  2,
  3,
  88.8,
  104,
  1e-8,
];
const SAMPLES = 1 << 15;

/** Float32 numbers all over the range: every so many-th bit pattern, and a stretch around the origin; then the special ones. */
function fillSamples(x: Float32Array): void {
  const bits = new Uint32Array(x.buffer, x.byteOffset, x.length);
  const half = x.length / 2;
  for (let i = 0; i < half; i++) bits[i] = i * Math.floor(2 ** 32 / half) + 4099;
  for (let i = half; i < x.length; i++) x[i] = (24 * (i - half)) / half - 12;
  SPECIAL.forEach((value, i) => x.set([value, -value], 2 * i));
}

/** Pairs: all of the special ones, then bases and exponents whose powers are neither infinite nor zero, and others. */
function fillPairs(x: Float32Array, y: Float32Array): void {
  const special = SPECIAL.flatMap((value) => [value, -value]);
  let at = 0;
  for (const a of special) for (const b of special) [x[at], y[at++]] = [a, b];
  for (; at < x.length; at++) {
    const [u, v] = [(at * Math.SQRT2) % 1, (at * Math.sqrt(3)) % 1];
    x[at] = at % 3 === 0 ? 10 * u - 5 : Math.exp(160 * u - 80);
    y[at] = at % 3 === 0 ? Math.floor(20 * v) - 10 : ((2 * v - 1) * 100) / Math.abs(Math.log(x[at]));
  }
}

function checkErrors(name: string, got: Float32Array, operands: readonly Float32Array[], ulps: number): void {
  const exact: (...operands: number[]) => number = { ...unary, ...binary }[name as Unary].exact;
  for (let i = 0; i < got.length; i++) {
    const values = operands.map((operand) => operand[i]);
    const want = exact(...values);
    const error = ulps32(got[i], want);
    if (!(error <= ulps)) expect.fail(`${name}(${values.join(', ')}) is ${got[i]}, not ${want}: ${error} ulp`);
  }
}

describe('vector functions of float32', () => {
  for (const { relaxed } of TARGETS) {
    const functions = makeMath('f32x4', { relaxed });
    const how = relaxed ? ', with fused multiply-adds' : '';
    for (const [name, { ulps }] of Object.entries(unary)) {
      it(`compute ${name} within ${ulps} units in the last place${how}`, () => {
        const kernel = new VectorKernel(Float32Array, SAMPLES, 1, functions[name as MathFunction]);
        fillSamples(kernel.operands[0]);
        if (name === 'expOfNegative') kernel.operands[0].forEach((x, i, all) => (all[i] = -Math.abs(x)));
        kernel.run();
        checkErrors(name, kernel.out, kernel.operands, ulps);
      });
    }
    for (const [name, { ulps }] of Object.entries(binary)) {
      it(`compute ${name} within ${ulps} units in the last place${how}`, () => {
        const kernel = new VectorKernel(Float32Array, SAMPLES, 2, functions[name as MathFunction]);
        fillPairs(kernel.operands[0], kernel.operands[1]);
        kernel.run();
        checkErrors(name, kernel.out, kernel.operands, ulps);
      });
    }
  }

  it('can be functions of a module', () => {
    const { exports, buffer } = instantiate((module) => {
      const exp = defineMath(module, 'f32x4', 'exp', { relaxed: false });
      module.define('run', [], [], (f) => f.i32(16).i32(0).access('v128.load').call(exp).access('v128.store'));
    });
    new Float32Array(buffer).set([0, 1, -Infinity, 2]);
    exports.run();
    expect([...new Float32Array(buffer, 16, 4)]).to.deep.equal([1, Math.fround(Math.E), 0, Math.fround(Math.exp(2))]);
    expect([arityOf('exp'), arityOf('pow')]).to.deep.equal([1, 2]);
  });

  it('reuse their scratch locals', () => {
    const localsOf = (times: number): number => {
      const f = new FunctionBuilder([]);
      const x = f.local('v128');
      for (let i = 0; i < times; i++) makeMath('f32x4', { relaxed: false }).tanh(f, x);
      return f.local('i32').index;
    };
    expect(localsOf(5)).to.equal(localsOf(1));
  });
});
