import { expect } from 'chai';
import type { FunctionBuilder, Local } from '../../../../runtime/backends/wasm/assembler/functionBuilder';
import {
  emitDivideInt32x4,
  emitDivideInteger,
  emitRemainderFloat32,
  emitRemainderInt32x4,
  emitRemainderInteger,
  type Rounding,
} from '../../../../runtime/backends/wasm/math/division';
import { instantiate, VectorKernel } from './vectorHarness';

const ROUNDINGS: readonly Rounding[] = ['floor', 'trunc'];

const ints = [
  1,
  -1,
  2,
  -2,
  3,
  -3,
  7,
  -7,
  10,
  2 ** 31 - 1,
  -(2 ** 31),
  -(2 ** 31) + 1,
  65537,
  -65536,
  1000003,
  0x7ffffffe,
];
const longs = [
  1n,
  -1n,
  2n,
  -3n,
  7n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  -(2n ** 63n) + 1n,
  2n ** 32n + 5n,
  -(2n ** 53n) - 1n,
];

/** Quotient and remainder of integers; exact. */
function divide(x: bigint, y: bigint, rounding: Rounding): { quotient: bigint; rest: bigint } {
  const rest = x % y;
  const moves = rounding === 'floor' && rest !== 0n && rest < 0n !== y < 0n;
  return moves ? { quotient: x / y - 1n, rest: rest + y } : { quotient: x / y, rest };
}

describe('integer division in WebAssembly', () => {
  for (const rounding of ROUNDINGS) {
    const kind = `integers, ${rounding === 'floor' ? 'rounding down' : 'towards zero'}`;
    const pairs = ints.flatMap((x) => ints.map((y) => [x, y] as const));

    it(`divides vectors of 32-bit ${kind}`, () => {
      const run = (emit: typeof emitDivideInt32x4): Int32Array => {
        const kernel = new VectorKernel(Int32Array, pairs.length, 2, (f, x, y) => emit(f, x, y, rounding));
        kernel.operands.forEach((operand, i) => operand.set(pairs.map((pair) => pair[i])));
        kernel.run();
        return kernel.out;
      };
      const want = pairs.map(([x, y]) => divide(BigInt(x), BigInt(y), rounding));
      expect([...run(emitDivideInt32x4)]).to.deep.equal(
        want.map(({ quotient }) => Number(BigInt.asIntN(32, quotient))),
      );
      expect([...run(emitRemainderInt32x4)]).to.deep.equal(want.map(({ rest }) => Number(BigInt.asIntN(32, rest))));
    });

    it(`divides scalar ${kind}`, () => {
      const { exports } = instantiate((module) => {
        for (const type of ['i32', 'i64'] as const) {
          module.define(`${type} quotient`, [type, type], [type], (f, x, y) =>
            emitDivideInteger(f, type, x, y, rounding),
          );
          module.define(`${type} rest`, [type, type], [type], (f, x, y) =>
            emitRemainderInteger(f, type, x, y, rounding),
          );
        }
      });
      const longCalls = exports as unknown as Record<string, (x: bigint, y: bigint) => bigint>;
      for (const [x, y] of pairs) {
        const want = divide(BigInt(x), BigInt(y), rounding);
        expect(exports['i32 quotient'](x, y), `${x} / ${y}`).to.equal(Number(BigInt.asIntN(32, want.quotient)));
        expect(exports['i32 rest'](x, y), `${x} mod ${y}`).to.equal(Number(BigInt.asIntN(32, want.rest)));
      }
      for (const x of longs) {
        for (const y of longs) {
          const want = divide(x, y, rounding);
          expect(longCalls['i64 quotient'](x, y), `${x} / ${y}`).to.equal(BigInt.asIntN(64, want.quotient));
          expect(longCalls['i64 rest'](x, y), `${x} mod ${y}`).to.equal(BigInt.asIntN(64, want.rest));
        }
      }
    });

    it(`does not trap at a zero divisor of ${kind}`, () => {
      const { exports } = instantiate((module) => {
        module.define('vector', ['i32', 'i32'], ['i32'], (f, x, y) => {
          const [a, b] = [f.local('v128'), f.local('v128')];
          f.get(x).op('i32x4.splat').set(a).i32x4(1).get(y).lane('i32x4.replace_lane', 2).set(b);
          emitRemainderInt32x4(f, a, b, rounding);
          f.lane('i32x4.extract_lane', 0);
        });
        for (const type of ['i32', 'i64'] as const)
          module.define(type, [type, type], [type], (f, x, y) => emitRemainderInteger(f, type, x, y, rounding));
      });
      const long = exports.i64 as unknown as (x: bigint, y: bigint) => bigint;
      expect(exports.vector(5, 0)).to.equal(0);
      expect(() => [exports.i32(5, 0), long(5n, 0n)]).to.not.throw();
    });
  }
});

describe('float division in WebAssembly', () => {
  const special = [0, 1, 3, 0.1, 1e-45, 1e-38, 3.4e38, 2 ** 24 + 2, Infinity, NaN, 7.25, 1e10].flatMap((x) => [x, -x]);
  const pairs = special.flatMap((x) => special.map((y) => [x, y]));
  for (let i = 0; i < 2000; i++) {
    const [u, v] = [(i * Math.SQRT2) % 1, (i * Math.sqrt(3)) % 1];
    pairs.push([(u - 0.5) * 2 ** (200 * v - 100), (v - 0.5) * 2 ** (20 * u)]);
  }

  const run = (emit: (f: FunctionBuilder, x: Local, y: Local) => void): VectorKernel<Float32Array> => {
    const kernel = new VectorKernel(Float32Array, pairs.length, 2, emit);
    kernel.operands.forEach((operand, i) => operand.set(pairs.map((pair) => pair[i])));
    kernel.run();
    return kernel;
  };

  for (const rounding of ROUNDINGS) {
    it(`leaves exact remainders, ${rounding === 'floor' ? 'rounding down' : 'towards zero'}`, () => {
      const { out, operands } = run((f, x, y) => emitRemainderFloat32(f, x, y, rounding));
      out.forEach((got, i) => {
        const [x, y] = [operands[0][i], operands[1][i]];
        const rest = x % y;
        const want = rounding === 'floor' && rest !== 0 && rest < 0 !== y < 0 ? Math.fround(rest + y) : rest;
        if (!Object.is(got, want)) expect.fail(`${x} mod ${y} is ${got}, not ${want}`);
      });
    });
  }
});
