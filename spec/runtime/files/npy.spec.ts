/**
 * numpy's array files: what numpy wrote, what comes back, and broken files.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import * as dtypes from '../../../graph/dtypes';
import * as errors from '../../../graph/errors';
import { type ArrayLike, NdArray } from '../../../graph/ndarray';
import { MemoryFileSystem } from '../../../runtime/files/memoryFileSystem';
import { decodeNpy, encodeNpy, loadNpy, saveNpy } from '../../../runtime/files/npy';
import { decodeNpz, encodeNpz, loadNpz, saveNpz } from '../../../runtime/files/npz';

const golden = (name: string) => new Uint8Array(readFileSync(join(__dirname, '..', '..', 'golden', 'files', name)));
const of = (dtype: dtypes.DType, value: ArrayLike) => NdArray.from(value, dtype);
const raw = <N extends dtypes.DTypeName>(dtype: dtypes.DType<N>, shape: number[], data: NdArray<N>['data']) =>
  new NdArray(dtype, shape, data);
const count = Array.from({ length: 24 }, (_, i) => i);

/** What spec/golden/arrays.py saved. */
const wanted: Readonly<Record<string, NdArray>> = {
  float32: of(dtypes.float32, [
    [0, 0.25, 0.5],
    [0.75, 1, 1.25],
  ]),
  float64_big: of(dtypes.float64, [1.5, -Infinity, Number.NaN]),
  float16: raw(dtypes.float16, [2], Uint16Array.of(0x3e00, 0xc000)),
  int8: of(dtypes.int8, [-1, 2]),
  int64: of(dtypes.int64, [[-(2n ** 63n)], [2n ** 63n - 1n]]),
  uint16_big: of(dtypes.uint16, [1, 65534]),
  uint64: of(dtypes.uint64, 2n ** 64n - 1n),
  bool: of(dtypes.bool, [[true, false]]),
  complex64_big: raw(dtypes.complex64, [2], Float32Array.of(1, 2, -0, -3.5)),
  complex128: raw(dtypes.complex128, [2], Float64Array.of(1, 2, -0, -3.5)),
  text: of(dtypes.string, [
    ['a', 'ünï'],
    ['', '𝄞x'],
  ]),
  text_big: of(dtypes.string, ['ab', 'c']),
  bytes: raw(dtypes.string, [3], ['ab', Uint8Array.of(255, 0, 1), '']),
  fortran: of(dtypes.int32, count).reshape([2, 3, 4]),
  fortran_complex: raw(dtypes.complex64, [2, 2], Float32Array.of(0, 0, 0, 1, 0, 2, 0, 3)),
  empty: NdArray.zeros(dtypes.float32, [0, 3]),
  version3: of(dtypes.int16, [0, 1, 2]),
};

/** Those that numpy would write in the same way: little-endian, rows first, version 1, text as text. */
const rewritten = Object.keys(wanted).filter((name) => !/_big|fortran|version3|bytes/.test(name));

function expectSame(got: NdArray, want: NdArray): void {
  expect([got.dtype.name, [...got.shape]]).to.deep.equal([want.dtype.name, [...want.shape]]);
  expect(got.equals(want), `${got} for ${want}`).to.equal(true);
}

describe('numpy array files', () => {
  for (const [name, want] of Object.entries(wanted)) {
    it(`${name}.npy is read`, () => expectSame(decodeNpy(golden(`${name}.npy`)), want));
    it(`${name} comes back`, () => expectSame(decodeNpy(encodeNpy(want)), want));
  }

  for (const name of rewritten) {
    it(`${name}.npy is what numpy writes`, () => expect(encodeNpy(wanted[name])).to.deep.equal(golden(`${name}.npy`)));
  }

  it('refuse what no tensor holds', () => {
    const { InvalidArgumentError } = errors;
    const reading = (name: string) => () => decodeNpy(golden(`${name}.npy`), `${name}.npy`);
    expect(reading('objects')).to.throw(
      InvalidArgumentError,
      "objects.npy: arrays of numpy type '|O' are not supported.",
    );
    expect(reading('dates')).to.throw(
      InvalidArgumentError,
      "dates.npy: arrays of numpy type '<M8[D]' are not supported.",
    );
    expect(reading('records')).to.throw(InvalidArgumentError, 'records.npy: the header at 10 describes records');
    expect(() => encodeNpy(of(dtypes.string, ['a\0']))).to.throw(InvalidArgumentError, 'no strings that end in a zero');
    const half = raw(dtypes.bfloat16, [1], Uint16Array.of(1));
    expect(() => encodeNpy(half)).to.throw(InvalidArgumentError, 'numpy has no type for bfloat16');
  });

  it('are written whole, and read from a file system', () => {
    const fileSystem = new MemoryFileSystem();
    saveNpy('a.npy', wanted.text, { fileSystem });
    expect(fileSystem.list('')).to.deep.equal(['a.npy']);
    expectSame(loadNpy('a.npy', { fileSystem }), wanted.text);
    expect(() => loadNpy('b.npy', { fileSystem })).to.throw(errors.NotFoundError, 'b.npy; No such file');
  });

  it('name file and place of what is broken', () => {
    const content = golden('float32.npy');
    const { DataLossError } = errors;
    const reading = (bytes: Uint8Array) => () => decodeNpy(bytes, 'f.npy');
    const withHeader = (dictionary: string) => {
      const bytes = new Uint8Array(10 + dictionary.length);
      bytes.set(content.subarray(0, 8));
      bytes[8] = dictionary.length;
      bytes.set(new TextEncoder().encode(dictionary), 10);
      return reading(bytes);
    };
    expect(reading(new Uint8Array(0))).to.throw(DataLossError, 'f.npy: no .npy file (at 0).');
    expect(reading(content.subarray(0, 40))).to.throw(
      DataLossError,
      'f.npy: a header of 118 bytes is too long (at 8).',
    );
    expect(reading(content.subarray(0, 150))).to.throw(
      DataLossError,
      "f.npy: 22 bytes follow the header at 128, and an array of shape (2, 3) of '<f4' has 24.",
    );
    expect(withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999)}")).to.throw(
      DataLossError,
      'f.npy: the header at 10 has an impossible shape: (99999999999, 99999999)',
    );
    expect(withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,)}")).to.throw(
      DataLossError,
      'has 399999999996.',
    );
    for (const dictionary of [
      "{'descr': '<f4', 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': True}",
      "{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,)}",
      '',
    ]) {
      expect(withHeader(dictionary), dictionary).to.throw(DataLossError, 'f.npy: the header at 10 cannot be read');
    }
  });

  it('with a byte changed in the header read as an array or fail', () => {
    const content = golden('text.npy');
    fc.assert(
      fc.property(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const broken = content.slice();
        broken[at] ^= flip;
        try {
          expect(decodeNpy(broken)).to.be.instanceOf(NdArray);
        } catch (error) {
          expect((error as Error).name).to.match(/^(DataLossError|InvalidArgumentError)$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('numpy archives', () => {
  const want = new Map([
    ['a', of(dtypes.float32, [0, 1, 2])],
    ['b/ü', of(dtypes.string, 'text')],
  ]);
  const expectAll = (got: Map<string, NdArray>) => {
    expect([...got.keys()]).to.deep.equal([...want.keys()]);
    for (const [name, value] of got) expectSame(value, want.get(name)!);
  };

  for (const name of ['stored.npz', 'deflated.npz']) {
    it(`${name} is read`, () => expectAll(decodeNpz(golden(name))));

    it(`${name} with a byte changed reads the same or fails`, () => {
      const content = golden(name);
      fc.assert(
        fc.property(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
          const broken = content.slice();
          broken[at] ^= flip;
          let got: Map<string, NdArray>;
          try {
            got = decodeNpz(broken, 'f.npz');
          } catch (error) {
            expect((error as Error).name).to.match(/^(DataLossError|InvalidArgumentError)$/);
            expect((error as Error).message).to.match(/^f\.npz[:#]/);
            return;
          }
          // The names are under no checksum.
          expect([...got.values()].map(String)).to.have.members([...want.values()].map(String));
        }),
        { numRuns: 500 },
      );
    });
  }

  it('come back, stored and deflated', () => {
    const arrays = Object.fromEntries(want);
    expectAll(decodeNpz(encodeNpz(arrays)));
    const zeros = { zeros: NdArray.zeros(dtypes.float64, [1000]) };
    const [stored, deflated] = [encodeNpz(zeros), encodeNpz(zeros, { isCompressed: true })];
    expect(stored.length).to.be.greaterThan(8000);
    expect(deflated.length).to.be.lessThan(400);
    const fileSystem = new MemoryFileSystem();
    saveNpz('f.npz', arrays, { fileSystem });
    expectAll(loadNpz('f.npz', { fileSystem }));
  });

  it('refuse what is no archive, and sizes that no data can have', () => {
    expect(() => decodeNpz(new Uint8Array(100), 'f')).to.throw(errors.DataLossError, 'f: no .npz file');
    const content = golden('deflated.npz');
    const view = new DataView(content.buffer);
    const entry = Array.from(content.keys()).find(
      (at) => at + 4 < content.length && view.getUint32(at, true) === 0x02014b50,
    )!;
    view.setUint32(entry + 24, 4_000_000_000, true);
    expect(() => decodeNpz(content, 'f')).to.throw(errors.DataLossError, 'a.npy cannot have 4000000000 bytes');
  });
});
