import { expect } from 'chai';
import type { FunctionBuilder, Local } from '../../../../runtime/backends/wasm/assembler/functionBuilder';
import {
  emitDivideFloats,
  emitDivideInt32,
  emitDivideInt64,
  emitRemainderFloat32,
  emitRemainderInt32,
  emitRemainderInt64,
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
    for (const isSigned of [true, false]) {
      const kind = `${isSigned ? '' : 'un'}signed integers, ${rounding === 'floor' ? 'rounding down' : 'towards zero'}`;

      it(`divides 32-bit ${kind}`, () => {
        const values = isSigned ? ints : ints.map((x) => x >>> 0);
        const pairs = values.flatMap((x) => values.map((y) => [x, y]));
        const run = (emit: typeof emitDivideInt32): Int32Array => {
          const kernel = new VectorKernel(Int32Array, pairs.length, 2, (f, x, y) =>
            emit(f, x, y, f.local('i32'), rounding, isSigned),
          );
          kernel.operands.forEach((operand, i) => operand.set(pairs.map((pair) => pair[i])));
          kernel.run();
          return kernel.out;
        };
        const want = pairs.map(([x, y]) => divide(BigInt(x), BigInt(y), rounding));
        expect([...run(emitDivideInt32)]).to.deep.equal(
          want.map(({ quotient }) => Number(BigInt.asIntN(32, quotient))),
        );
        expect([...run(emitRemainderInt32)]).to.deep.equal(want.map(({ rest }) => Number(BigInt.asIntN(32, rest))));
      });

      it(`divides 64-bit ${kind}`, () => {
        const { exports } = instantiate((module) => {
          for (const [name, emit] of [
            ['quotient', emitDivideInt64],
            ['rest', emitRemainderInt64],
          ] as const) {
            module.define(name, ['i64', 'i64'], ['i64'], (f, x, y) =>
              emit(f, x, y, f.local('i32'), rounding, isSigned),
            );
          }
        });
        const call = exports as unknown as Record<'quotient' | 'rest', (x: bigint, y: bigint) => bigint>;
        for (const x of longs) {
          for (const y of longs) {
            const seen = (value: bigint) => (isSigned ? value : BigInt.asUintN(64, value));
            const want = divide(seen(x), seen(y), rounding);
            expect(call.quotient(x, y), `${x} / ${y}`).to.equal(BigInt.asIntN(64, want.quotient));
            expect(call.rest(x, y), `${x} mod ${y}`).to.equal(BigInt.asIntN(64, want.rest));
          }
        }
      });
    }
  }

  it('sets a flag for a zero divisor, and does not trap', () => {
    const { exports } = instantiate((module) => {
      const isFlagged = (f: FunctionBuilder, divide: (flag: Local) => void) => {
        const flag = f.local('i32');
        divide(flag);
        f.op('drop').get(flag);
      };
      module.define('ints', ['i32', 'i32'], ['i32'], (f, x, y) => {
        const [a, b] = [f.local('v128'), f.local('v128')];
        f.get(x).op('i32x4.splat').set(a).i32x4(1).get(y).lane('i32x4.replace_lane', 2).set(b);
        isFlagged(f, (flag) => emitRemainderInt32(f, a, b, flag, 'floor'));
      });
      for (const isSigned of [true, false]) {
        module.define(isSigned ? 'longs' : 'unsigned', ['i64', 'i64'], ['i32'], (f, x, y) =>
          isFlagged(f, (flag) => emitRemainderInt64(f, x, y, flag, 'floor', isSigned)),
        );
      }
    });
    expect([exports.ints(5, 0), exports.ints(5, -1)]).to.deep.equal([1, 0]);
    for (const name of ['longs', 'unsigned']) {
      const call = exports[name] as unknown as (x: bigint, y: bigint) => number;
      expect([call(5n, 0n), call(5n, 1n), call(-(2n ** 63n), -1n)]).to.deep.equal([1, 0, 0]);
    }
  });
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

    it(`rounds quotients ${rounding === 'floor' ? 'down' : 'towards zero'}`, () => {
      const { out, operands } = run((f, x, y) => emitDivideFloats(f, 'f32x4', x, y, rounding));
      out.forEach((got, i) => {
        const [x, y] = [operands[0][i], operands[1][i]];
        expect(got, `${x} / ${y}`).to.deep.equal(Math[rounding](Math.fround(x / y)));
      });
    });
  }
});
