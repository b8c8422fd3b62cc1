import { expect } from 'chai';
import fc from 'fast-check';
import * as dtypes from '../../../graph/dtypes';
import { DataLossError, InvalidArgumentError, NotFoundError, OpError, UnimplementedError } from '../../../graph/errors';
import { NdArray } from '../../../graph/ndarray';
import { MemoryFileSystem } from '../../../runtime/files/memoryFileSystem';
import { loadSafetensors, SafetensorsReader, saveSafetensors } from '../../../runtime/files/safetensors';
import { get, put } from '../../support/checkpoints';

/** What the package safetensors 0.8.0 for Python writes for these arrays. */
const theirs = new Uint8Array(
  Buffer.from(
    'b8010000000000007b225f5f6d657461646174615f5f223a7b22666f726d6174223a226e70227d2c2261223a7b226474797065223a22493634222c227368617065223a5b325d2c22646174615f6f666673657473223a5b302c31365d7d2c22656d707479223a7b226474797065223a22463634222c227368617065223a5b302c325d2c22646174615f6f666673657473223a5b31362c31365d7d2c2263223a7b226474797065223a22433634222c227368617065223a5b315d2c22646174615f6f666673657473223a5b31362c32345d7d2c22622f6b65726e656c223a7b226474797065223a22463332222c227368617065223a5b322c335d2c22646174615f6f666673657473223a5b32342c34385d7d2c2268616c66223a7b226474797065223a22463136222c227368617065223a5b325d2c22646174615f6f666673657473223a5b34382c35325d7d2c22c3bc223a7b226474797065223a225538222c227368617065223a5b5d2c22646174615f6f666673657473223a5b35322c35335d7d2c22666c6167223a7b226474797065223a22424f4f4c222c227368617065223a5b315d2c22646174615f6f666673657473223a5b35332c35345d7d7d2020200100000000000000feffffffffffffff0000803f00000040000000000000803f0000004000004040000080400000a040003800c00701',
    'hex',
  ),
);

const arrays: Readonly<Record<string, NdArray>> = {
  'b/kernel': new NdArray(dtypes.float32, [2, 3], Float32Array.of(0, 1, 2, 3, 4, 5)),
  a: new NdArray(dtypes.int64, [2], BigInt64Array.of(1n, -2n)),
  flag: new NdArray(dtypes.bool, [1], Uint8Array.of(1)),
  empty: new NdArray(dtypes.float64, [0, 2], new Float64Array()),
  half: new NdArray(dtypes.float16, [2], Uint16Array.of(0x3800, 0xc000)),
  ü: new NdArray(dtypes.uint8, [], Uint8Array.of(7)),
  c: new NdArray(dtypes.complex64, [1], Float32Array.of(1, 2)),
};

describe('safetensors', () => {
  it('reads and writes what the library of the format writes', () => {
    const disk = new MemoryFileSystem();
    put(disk, 'theirs', theirs);
    const found = loadSafetensors('theirs', { fileSystem: disk });
    expect([...found.keys()].sort()).to.deep.equal(Object.keys(arrays).sort());
    for (const [name, value] of found) expect(value.equals(arrays[name]), name).to.equal(true);
    const reader = new SafetensorsReader('theirs', { fileSystem: disk });
    expect(reader.metadata).to.deep.equal({ format: 'np' });
    expect(reader.shapeOf('b/kernel')).to.deep.equal([2, 3]);
    saveSafetensors('ours', arrays, { fileSystem: disk, metadata: { format: 'np' } });
    expect(get(disk, 'ours')).to.deep.equal(theirs);
    saveSafetensors('none', new Map(), { fileSystem: disk });
    expect(loadSafetensors('none', { fileSystem: disk }).size).to.equal(0);
  });

  it('says what it cannot do', () => {
    const fileSystem = new MemoryFileSystem();
    const save = (name: string, value: NdArray) => () => saveSafetensors('f', { [name]: value }, { fileSystem });
    expect(save('s', new NdArray(dtypes.string, [1], ['a']))).to.throw(
      UnimplementedError,
      'no values of type string: array s',
    );
    expect(save('__metadata__', arrays.a)).to.throw(InvalidArgumentError, 'cannot be called __metadata__');
    put(fileSystem, 'theirs', theirs);
    const reader = new SafetensorsReader('theirs', { fileSystem });
    expect(() => reader.read('b/kernle')).to.throw(
      NotFoundError,
      "theirs has no array b/kernle. Did you mean 'b/kernel'?",
    );
    put(fileSystem, 'f8', file('{"v":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}', 1));
    expect(() => new SafetensorsReader('f8', { fileSystem }).read('v')).to.throw(UnimplementedError, 'of type F8_E4M3');
  });

  /** A file of that header and so many bytes of data. */
  function file(header: string, data: number, length = new TextEncoder().encode(header).length): Uint8Array {
    const bytes = new Uint8Array(8 + new TextEncoder().encode(header).length + data);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    return bytes;
  }

  it('refuses what cannot be, with the place', () => {
    const fileSystem = new MemoryFileSystem();
    const entry = (more: object) => JSON.stringify({ v: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...more } });
    const cases: readonly [Uint8Array, string][] = [
      [Uint8Array.of(1, 2), '2 bytes are no safetensors file, at offset 0'],
      [file('{}', 0, 1e15), 'a header of 1000000000000000 bytes does not fit, at offset 0'],
      [file('[]', 0), 'the header is no object, at offset 8'],
      [file('{', 0), 'the header is no JSON'],
      [file('{"v":1}', 0), 'array v is not described by an object'],
      [file('{"__metadata__":{"a":1}}', 0), '__metadata__ must map texts to texts'],
      [file(entry({ dtype: 'F99' }), 8), 'array v has no known dtype: "F99"'],
      [file(entry({ shape: [-2] }), 8), 'array v has no shape'],
      [file(entry({ shape: [1e15] }), 8), 'has 8 bytes, where 4000000000000000 are needed'],
      [file(entry({ data_offsets: [8, 0] }), 8), 'array v of shape [2] has -8 bytes'],
      [file(entry({ data_offsets: [4, 12] }), 12), 'array v starts at 4 of the data, where 0 is next'],
      [file(entry({}), 9), 'the arrays have 8 bytes, but the file holds 9'],
      [file(entry({}), 7), 'the arrays have 8 bytes, but the file holds 7'],
    ];
    for (const [bytes, message] of cases) {
      put(fileSystem, 'bad', bytes);
      expect(() => new SafetensorsReader('bad', { fileSystem }), message).to.throw(DataLossError, `bad: `);
      expect(() => new SafetensorsReader('bad', { fileSystem })).to.throw(DataLossError, message);
    }
  });

  it('survives any change', () => {
    const fileSystem = new MemoryFileSystem();
    fc.assert(
      fc.property(
        fc.nat(theirs.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(theirs.length),
        (at, byte, length) => {
          put(fileSystem, 'f', theirs.with(at, byte).subarray(0, length < 20 ? length : theirs.length));
          try {
            loadSafetensors('f', { fileSystem });
          } catch (error) {
            expect(error).to.be.instanceOf(OpError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
