/**
 * The k largest elements of each row with their positions, the largest first; of equal ones the first, and NaN last.
 *
 * The best so far are a heap with the worst of them on top, so most elements cost one comparison; in the end the heap is taken
 * apart, worst first. Both outputs are worked on where they lie.
 */
import type { FunctionBuilder, FunctionRef, Local, ValueType } from '../assembler/functionBuilder';
import { advance, forRange } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';

export interface TopKSpec {
  readonly type: 'f32' | 'f64' | 'i32' | 'i64';
  readonly indexType: 'i32' | 'i64';
  readonly rows: number;
  readonly width: number;
  readonly k: number;
}

type Kind = Pick<TopKSpec, 'type' | 'indexType'>;

const sizes = { f32: 4, f64: 8, i32: 4, i64: 8 } as const;

/** Elements in a part of the work, at least. */
const GRAIN = 1 << 14;

/** The call for rows of at least k elements; null when there is nothing to give. */
export function topKCall(spec: TopKSpec, source: number, values: number, positions: number): WasmCall | null {
  const { type, indexType, rows, width, k } = spec;
  if (rows * k === 0) return null;
  return {
    kind: 'wasm',
    module: topKModule({ type, indexType }),
    exportName: 'run',
    args: [source, values, positions, width, k],
    range: { extent: rows, grain: Math.max(1, Math.ceil(GRAIN / width)) },
  };
}

/** An element with its position. */
interface Entry {
  readonly value: Local;
  readonly at: Local;
}

/** The heap of a row: addresses of its values and positions. */
interface Heap {
  readonly values: Local;
  readonly positions: Local;
}

class Writer {
  constructor(
    readonly f: FunctionBuilder,
    readonly kind: Kind,
  ) {}

  entry(): Entry {
    return { value: this.f.local(this.kind.type), at: this.f.local('i32') };
  }

  /** Whether element a is greater than element b, or is a number and b is none. */
  pushGreater(a: Local, b: Local): void {
    const { f } = this;
    const { type } = this.kind;
    if (type === 'i32' || type === 'i64') {
      f.get(a).get(b).op(`${type}.gt_s`);
      return;
    }
    f.get(a).get(b).op(`${type}.gt`);
    f.get(b).get(b).op(`${type}.ne`).get(a).get(a).op(`${type}.eq`).op('i32.and').op('i32.or');
  }

  /** Whether a comes after b in the result. */
  pushWorse(a: Entry, b: Entry): void {
    const { f } = this;
    this.pushGreater(b.value, a.value);
    this.pushGreater(a.value, b.value);
    f.op('i32.eqz').get(a.at).get(b.at).op('i32.gt_u').op('i32.and').op('i32.or');
  }

  #address(base: Local, i: Local, bytes: number): FunctionBuilder {
    return this.f.get(base).get(i).i32(bytes).op('i32.mul').op('i32.add');
  }

  load({ values, positions }: Heap, i: Local, into: Entry): void {
    const { type, indexType } = this.kind;
    this.#address(values, i, sizes[type]).access(`${type}.load`).set(into.value);
    this.#address(positions, i, sizes[indexType]).access('i32.load').set(into.at);
  }

  store({ values, positions }: Heap, i: Local, { value, at }: Entry): void {
    const { type, indexType } = this.kind;
    this.#address(values, i, sizes[type]).get(value).access(`${type}.store`);
    this.#address(positions, i, sizes[indexType]).get(at);
    if (indexType === 'i64') this.f.op('i64.extend_i32_u');
    this.f.access(`${indexType}.store`);
  }
}

/** Puts an entry into a heap of `size` from place `hole` downwards, where the places below are in order. */
function defineSift(module: ModuleBuilder, kind: Kind): FunctionRef {
  const params: ValueType[] = ['i32', 'i32', 'i32', 'i32', kind.type, 'i32'];
  return module.define(null, params, [], (f, values, positions, size, hole, value, at) => {
    const w = new Writer(f, kind);
    const [heap, item] = [
      { values, positions },
      { value, at },
    ];
    const [child, other] = [f.local('i32'), f.local('i32')];
    const [a, b] = [w.entry(), w.entry()];
    f.block((done) =>
      f.loop((down) => {
        f.get(hole).i32(1).op('i32.shl').i32(1).op('i32.add').tee(child).get(size).op('i32.ge_u').brIf(done);
        w.load(heap, child, a);
        f.get(child).i32(1).op('i32.add').tee(other).get(size).op('i32.lt_u');
        f.if(() => {
          w.load(heap, other, b);
          w.pushWorse(b, a);
          f.if(() => f.get(b.value).set(a.value).get(b.at).set(a.at).get(other).set(child));
        });
        w.pushWorse(a, item);
        f.op('i32.eqz').brIf(done);
        w.store(heap, hole, a);
        f.get(child).set(hole).br(down);
      }),
    );
    w.store(heap, hole, item);
  });
}

function topKModule(kind: Kind): KernelModule {
  const { type, indexType } = kind;
  return {
    key: `top k ${type} ${indexType}`,
    build: ({ shared }) => {
      const module = new ModuleBuilder();
      module.importMemory({ shared });
      const sift = defineSift(module, kind);
      module.define('run', new Array(7).fill('i32'), [], (f, source, values, positions, width, k, begin, end) => {
        const w = new Writer(f, kind);
        const [row, i, from] = [f.local('i32'), f.local('i32'), f.local('i32')];
        const heap: Heap = { values: f.local('i32'), positions: f.local('i32') };
        const [item, worst] = [w.entry(), w.entry()];
        const zero = f.local('i32');
        const put = (size: Local, hole: Local, { value, at }: Entry) =>
          f.get(heap.values).get(heap.positions).get(size).get(hole).get(value).get(at).call(sift);
        const next = () => {
          f.get(from).access(`${type}.load`).set(item.value);
          advance(f, from, sizes[type]);
        };
        /** Runs `body` for i from `top` − 1 down to `bottom`. */
        const downTo = (top: () => void, bottom: number, body: () => void) => {
          top();
          f.set(i);
          f.block((done) =>
            f.loop((again) => {
              f.get(i).i32(bottom).op('i32.le_s').brIf(done);
              f.get(i).i32(1).op('i32.sub').set(i);
              body();
              f.br(again);
            }),
          );
        };
        forRange(f, row, begin, end, 1, () => {
          const along = (base: Local, length: Local, bytes: number) =>
            f.get(base).get(row).get(length).op('i32.mul').i32(bytes).op('i32.mul').op('i32.add');
          along(source, width, sizes[type]).set(from);
          along(values, k, sizes[type]).set(heap.values);
          along(positions, k, sizes[indexType]).set(heap.positions);
          forRange(f, i, 0, k, 1, () => {
            next();
            f.get(i).set(item.at);
            w.store(heap, i, item);
          });
          downTo(
            () => f.get(k).i32(1).op('i32.shr_u'),
            0,
            () => {
              w.load(heap, i, item);
              put(k, i, item);
            },
          );
          w.load(heap, zero, worst);
          forRange(f, i, k, width, 1, () => {
            next();
            w.pushGreater(item.value, worst.value);
            f.if(() => {
              f.get(i).set(item.at);
              put(k, zero, item);
              w.load(heap, zero, worst);
            });
          });
          downTo(
            () => f.get(k),
            1,
            () => {
              w.load(heap, zero, worst);
              w.load(heap, i, item);
              put(i, zero, item);
              w.store(heap, i, worst);
            },
          );
        });
      });
      return module.toBytes();
    },
  };
}
