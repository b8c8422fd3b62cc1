import { expect } from 'chai';
import { ByteWriter } from '../../../../runtime/backends/wasm/assembler/byteWriter';
import type { FunctionBuilder, Local, ValueType } from '../../../../runtime/backends/wasm/assembler/functionBuilder';
import { ModuleBuilder } from '../../../../runtime/backends/wasm/assembler/moduleBuilder';

type Call = (...args: (number | bigint)[]) => number | bigint;

/** Assembles one function and returns it, with the memory that it works on. */
function assemble(
  params: ValueType[],
  results: ValueType[],
  body: (f: FunctionBuilder, ...params: Local[]) => void,
): { call: Call; memory: WebAssembly.Memory } {
  const module = new ModuleBuilder();
  module.importMemory({ shared: false });
  module.define('f', params, results, body);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } });
  return { call: instance.exports.f as Call, memory };
}

describe('assembler', () => {
  it('encodes LEB128 numbers', () => {
    const bytesOf = (writer: ByteWriter) => [...writer.toBytes()];
    expect(bytesOf(new ByteWriter().unsigned(624485))).to.deep.equal([0xe5, 0x8e, 0x26]);
    expect(bytesOf(new ByteWriter().unsigned(2 ** 32 - 1))).to.deep.equal([0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect(bytesOf(new ByteWriter().signed64(-123456n))).to.deep.equal([0xc0, 0xbb, 0x78]);
    expect(bytesOf(new ByteWriter().signed32(-123456))).to.deep.equal([0xc0, 0xbb, 0x78]);
    expect(bytesOf(new ByteWriter().signed64(64n))).to.deep.equal([0xc0, 0x00]);
    expect(bytesOf(new ByteWriter().signed32(64))).to.deep.equal([0xc0, 0x00]);
  });

  it('assembles constants of every type', () => {
    expect(assemble([], ['i32'], (f) => f.i32(0xffffffff)).call()).to.equal(-1);
    expect(assemble([], ['i64'], (f) => f.i64(-(2n ** 63n))).call()).to.equal(-(2n ** 63n));
    expect(assemble([], ['f32'], (f) => f.f32(0.1)).call()).to.equal(Math.fround(0.1));
    expect(assemble([], ['f64'], (f) => f.f64(Math.PI)).call()).to.equal(Math.PI);
    expect(assemble([], ['i32'], (f) => f.i32x4(1, 2, 3, 4).lane('i32x4.extract_lane', 2)).call()).to.equal(3);
    expect(assemble([], ['f64'], (f) => f.f64x2(1.5, 2.5).lane('f64x2.extract_lane', 1)).call()).to.equal(2.5);
  });

  it('assembles loops, blocks and branches', () => {
    const { call } = assemble(['i32'], ['i32'], (f, n) => {
      const sum = f.local('i32');
      f.block((end) => {
        f.loop((again) => {
          f.get(n).op('i32.eqz').brIf(end);
          f.get(sum).get(n).op('i32.add').set(sum);
          f.get(n).i32(1).op('i32.sub').set(n);
          f.br(again);
        });
      });
      f.get(sum);
    });
    expect(call(100)).to.equal(5050);
  });

  it('assembles both arms of an if', () => {
    const { call } = assemble(['i32'], ['i32'], (f, x) => {
      f.get(x).if(
        () => f.i32(10),
        () => f.i32(20),
        'i32',
      );
    });
    expect([call(1), call(0)]).to.deep.equal([10, 20]);
  });

  it('assembles vector arithmetic over memory', () => {
    const { call, memory } = assemble(['i32', 'i32'], [], (f, from, to) => {
      f.get(to).get(from).access('v128.load').f32x4(2).op('f32x4.mul').access('v128.store', 16);
    });
    new Float32Array(memory.buffer, 64, 4).set([1, 2, 3, 4]);
    call(64, 128);
    expect([...new Float32Array(memory.buffer, 144, 4)]).to.deep.equal([2, 4, 6, 8]);
  });

  it('assembles shuffles of 32-bit lanes', () => {
    const { call } = assemble([], ['i32'], (f) => {
      f.i32x4(1, 2, 3, 4).i32x4(5, 6, 7, 8).shuffle32(7, 0, 5, 2).lane('i32x4.extract_lane', 0);
    });
    expect(call()).to.equal(8);
  });

  it('calls imported and own functions', () => {
    const module = new ModuleBuilder();
    module.importMemory({ shared: false });
    const host = module.importFunction('host', ['i32'], ['i32']);
    const twice = module.define(null, ['i32'], ['i32'], (f, x) => f.get(x).i32(2).op('i32.mul'));
    module.define('f', ['i32'], ['i32'], (f, x) => f.get(x).call(host).call(twice));
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
    const env = { memory, host: (x: number) => x + 1 };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env });
    expect((exports.f as Call)(4)).to.equal(10);
    expect(() => module.importFunction('late', [], [])).to.throw('Imports come before definitions.');
  });

  it('imports globals', () => {
    const module = new ModuleBuilder();
    module.importMemory({ shared: false });
    const [a, b] = [module.importGlobal('a'), module.importGlobal('b')];
    module.define('f', [], ['i32'], (f) => f.getGlobal(a).getGlobal(b).op('i32.sub'));
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), {
      env: { memory, a: 7, b: 3 },
    });
    expect((exports.f as Call)()).to.equal(4);
  });

  it('imports a shared memory', () => {
    const module = new ModuleBuilder();
    module.importMemory({ shared: true });
    module.define('f', [], ['i32'], (f) =>
      f.i32(8).i32(5).atomic('i32.atomic.rmw.add').i32(8).access('i32.load').op('i32.add'),
    );
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } });
    expect((exports.f as Call)()).to.equal(5);
  });
});
