import { expect } from 'chai';
import fc from 'fast-check';
import * as dtypes from '../../../../graph/dtypes';
import { GraphTypeError, InternalError, ResourceExhaustedError } from '../../../../graph/errors';
import { bytesText } from '../../../../runtime/backends/wasm/bytesText';
import { LinearMemory } from '../../../../runtime/backends/wasm/memory';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('LinearMemory', () => {
  it('gives blocks at multiples of 64 that do not overlap, and never at 0', () => {
    const memory = new LinearMemory({ shared: false });
    const addresses = [0, 1, 63, 64, 65, 1000].map((bytes) => memory.allocate(bytes));
    expect(addresses).to.deep.equal([64, 128, 192, 256, 320, 448]);
    expect(memory.usedBytes).to.equal(64 * 4 + 128 + 1024);
    expect(memory.sizeAt(448)).to.equal(1024);
  });

  it('merges freed blocks with free neighbours', () => {
    const memory = new LinearMemory({ shared: false });
    const [a, b, c] = [memory.allocate(KIB), memory.allocate(KIB), memory.allocate(KIB)];
    for (const address of [a, c, b]) memory.free(address);
    expect(memory.stats()).to.include({ usedBytes: 0, blocks: 0, largestFreeBytes: memory.capacityBytes - 64 });
    expect(memory.allocate(3 * KIB)).to.equal(a);
  });

  it('grows, and refreshes the views of the whole memory', () => {
    for (const shared of [false, true]) {
      const memory = new LinearMemory({ shared });
      const before = memory.heapF32;
      memory.heapU8[100] = 7;
      const address = memory.allocate(10 * MIB);
      expect(memory.growths).to.be.greaterThan(0);
      expect(memory.capacityBytes)
        .to.be.at.least(10 * MIB)
        .and.to.equal(memory.memory.buffer.byteLength);
      expect(before.length === 0).to.equal(!shared, 'a shared buffer is not detached');
      for (const heap of [memory.heapU8, memory.heapI32, memory.heapF32, memory.heapF64]) {
        expect(heap.byteLength).to.equal(memory.capacityBytes);
      }
      expect(memory.heapU8[100]).to.equal(7);
      memory.f32(address, 10 * (MIB / 4)).fill(1.5);
      expect(memory.heapF32[address / 4 + 5]).to.equal(1.5);
    }
  });

  it('views every dtype that has a fixed width', () => {
    const memory = new LinearMemory({ shared: false });
    const address = memory.allocate(64);
    memory.view(dtypes.float32, address, 1)[0] = 1;
    expect(memory.view(dtypes.uint32, address, 1)[0]).to.equal(0x3f800000);
    expect(memory.view(dtypes.int64, address, 8))
      .to.be.instanceOf(BigInt64Array)
      .with.lengthOf(8);
    expect(memory.view(dtypes.bool, address, 4)).to.deep.equal(Uint8Array.of(0, 0, 0x80, 0x3f));
    expect(memory.view(dtypes.bfloat16, address, 2)[1]).to.equal(0x3f80);
    expect(() => memory.view(dtypes.string, address, 1)).to.throw(GraphTypeError, /string do not lie in linear memory/);
  });

  it('says what is in use when it may not grow further, and goes on', () => {
    const memory = new LinearMemory({ shared: false, maximumBytes: 4 * MIB });
    const kept = memory.allocate(3 * MIB, 'variables');
    expect(() => memory.allocate(2 * MIB, 'activations')).to.throw(
      ResourceExhaustedError,
      /^OOM when allocating 2\.00 MiB for activations: .* 3\.00 MiB are in use by 1 blocks \(variables 3\.00 MiB in 1\), .* may not grow beyond 4\.00 MiB\. Feed smaller batches/,
    );
    memory.free(kept);
    expect(memory.allocate(2 * MIB)).to.equal(kept);
  });

  it('uses its maximum to the last page', () => {
    const memory = new LinearMemory({ shared: false, maximumBytes: 4 * MIB });
    const address = memory.allocate(4 * MIB - 64);
    expect(address).to.equal(64);
    expect(memory.capacityBytes).to.equal(4 * MIB);
    expect(() => memory.allocate(1)).to.throw(ResourceExhaustedError);
  });

  it('reaches beyond 2 GiB with unsigned addresses', () => {
    const memory = new LinearMemory({ shared: true });
    memory.allocate(3 * 1024 * MIB);
    const address = memory.allocate(MIB);
    expect(address).to.be.greaterThan(2 ** 31);
    memory.f32(address | 0, 4)[3] = 2.5;
    expect(memory.heapF32[address / 4 + 3]).to.equal(2.5);
  });

  it('refuses to free what is not allocated', () => {
    const memory = new LinearMemory({ shared: false });
    const address = memory.allocate(1);
    memory.free(address);
    expect(() => memory.free(address)).to.throw(InternalError, /freed before/);
    expect(() => memory.allocate(-1)).to.throw(InternalError);
    expect(() => memory.allocate(Number.NaN)).to.throw(InternalError);
  });

  it('finds a block that fits among many of its bin that do not', () => {
    const memory = new LinearMemory({ shared: false, maximumBytes: MIB });
    const wide = Array.from({ length: 200 }, () => [memory.allocate(1088), memory.allocate(64)][0]);
    const fitting = memory.allocate(1216);
    const rest = memory.allocate(memory.maximumBytes - fitting - 1216);
    for (const address of wide) memory.free(address);
    memory.free(fitting);
    expect(memory.allocate(1216)).to.equal(fitting);
    memory.free(rest);
  });

  it('keeps blocks apart and loses none, whatever is allocated and freed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(300_000)), { maxLength: 200 }), (steps) => {
        const memory = new LinearMemory({ shared: false, maximumBytes: 64 * MIB });
        const live = new Map<number, number>();
        for (const [kind, bytes] of steps) {
          if (kind > 0) live.set(memory.allocate(bytes), bytes);
          else if (live.size > 0) {
            const address = [...live.keys()][bytes % live.size];
            live.delete(address);
            memory.free(address);
          }
        }
        const sorted = [...live].sort(([a], [b]) => a - b);
        for (let i = 0; i < sorted.length; i++) {
          const [address, bytes] = sorted[i];
          expect(address % 64).to.equal(0);
          expect(address + bytes).to.be.at.most(sorted[i + 1]?.[0] ?? memory.capacityBytes);
        }
        for (const [address] of sorted) memory.free(address);
        expect(memory.stats()).to.include({ usedBytes: 0, largestFreeBytes: memory.capacityBytes - 64 });
      }),
      { numRuns: 50 },
    );
  });

  it('does not grow when a run repeats', () => {
    const memory = new LinearMemory({ shared: false });
    const run = () => {
      const addresses = [5, 70, 3, 900, 41].map((kib) => memory.allocate(kib * KIB));
      for (const address of addresses) memory.free(address);
      return addresses;
    };
    const first = run();
    const { capacityBytes } = memory;
    for (let i = 0; i < 100; i++) expect(run()).to.deep.equal(first);
    expect(memory.capacityBytes).to.equal(capacityBytes);
    expect(memory.stats().peakBytes).to.equal((5 + 70 + 3 + 900 + 41) * KIB);
  });
});

describe('bytesText', () => {
  it('has three digits and a unit', () => {
    expect([0, 1, 1023, 1024, 1536 * 1024, 300 * 1024 * 1024, 2 ** 32].map(bytesText)).to.deep.equal([
      '0 bytes',
      '1 byte',
      '1023 bytes',
      '1.00 KiB',
      '1.50 MiB',
      '300 MiB',
      '4.00 GiB',
    ]);
  });
});
