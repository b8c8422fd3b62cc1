/**
 * The module of depthwise convolutions and their gradients: direct loops over the elements of each window, on vectors of channels
 * where each input channel has one output channel, one by one where it has several.
 *
 *     forward(…geometry, filter, output, begin, end)                     // rows of the output, through the batch
 *     inputGradient(…geometry, filter, outGradient, begin, end)          // pictures and groups of channels: adds to the source
 *     filterGradient(…geometry, outGradient, filterGradient, begin, end) // elements of the window and groups of channels
 *
 * Positions and elements lie as in patches.ts, in a source without bounds; the input's gradient is added up in such a one.
 */
import type { FunctionBuilder, GlobalRef, Local } from '../assembler/functionBuilder';
import { advance, forRange, setMinimum, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmTarget } from '../kernelCall';
import { type Lanes, scalarLanes, vectorLanes } from '../matmul/channels';
import { type FloatName, type Floats, floatsOf } from '../matmul/floats';

/** In the order of the arguments. Steps are in bytes; weightStep is that from one element of the filter to the next, or back. */
export const DEPTHWISE_GEOMETRY = [
  'source',
  'outHeight',
  'outWidth',
  'picture',
  'row',
  'column',
  'filterHeight',
  'filterWidth',
  'filterRow',
  'filterColumn',
  'channels',
  'multiplier',
  'weightStep',
] as const;

type Geometry = Readonly<Record<(typeof DEPTHWISE_GEOMETRY)[number], GlobalRef>>;

/** Channels of the input in one part of a gradient's work. */
export const CHANNEL_GROUP = 32;

/** Vectors of channels that are computed at once: a line of cache. */
const VECTORS = 4;

export function depthwiseModule(dtype: FloatName): KernelModule {
  return { key: `depthwise/${dtype}`, build: (target) => build(floatsOf(dtype), target) };
}

function build(floats: Floats, target: WasmTarget): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared: target.shared });
  const names = DEPTHWISE_GEOMETRY;
  const geometry = Object.fromEntries(names.map((name) => [name, module.defineGlobal()])) as unknown as Geometry;
  const kernels = new DepthwiseKernels(module, floats, target, geometry);
  kernels.defineForward();
  kernels.defineInputGradient();
  kernels.defineFilterGradient();
  return module.toBytes();
}

class DepthwiseKernels {
  constructor(
    readonly module: ModuleBuilder,
    readonly floats: Floats,
    readonly target: WasmTarget,
    readonly g: Geometry,
  ) {}

  defineForward(): void {
    this.#define('forward', (f, [filter, output, begin, end]) => {
      const [unit, ox, from, to, weight, left] = Array.from({ length: 6 }, () => f.local('i32'));
      forRange(f, unit, begin, end, 1, () => {
        forRange(f, ox, 0, this.#local(f, 'outWidth'), 1, () => {
          f.get(unit).getGlobal(this.g.outHeight).op('i32.div_u').getGlobal(this.g.picture).op('i32.mul');
          f.get(unit).getGlobal(this.g.outHeight).op('i32.rem_u').getGlobal(this.g.row).op('i32.mul').op('i32.add');
          f.get(ox)
            .getGlobal(this.g.column)
            .op('i32.mul')
            .op('i32.add')
            .getGlobal(this.g.source)
            .op('i32.add')
            .set(from);
          f.get(output).get(unit).getGlobal(this.g.outWidth).op('i32.mul').get(ox).op('i32.add');
          this.#pushOutPixel(f);
          f.op('i32.mul').op('i32.add').set(to);
          f.get(filter).set(weight).getGlobal(this.g.channels).set(left);
          this.#eachChannel(f, left, { input: [from], output: [to, weight] }, (lanes, offsets) => {
            const sums = offsets.map(() => this.#zero(f, lanes));
            this.#eachElement(f, from, weight, (at, w) => this.#addProducts(f, lanes, sums, offsets, at, w));
            sums.forEach((sum, i) => void f.get(to).get(sum).access(lanes.store, offsets[i]));
          });
        });
      });
    });
  }

  /** Adds every gradient, times each element of the filter, to where that element met the input. */
  defineInputGradient(): void {
    this.#define('inputGradient', (f, [filter, outGradient, begin, end]) => {
      const names = ['unit', 'groups', 'picture', 'skip', 'channels', 'oy', 'ox', 'from', 'to', 'weight', 'left'];
      const [unit, groups, picture, skip, channels, oy, ox, from, to, weight, left] = names.map(() => f.local('i32'));
      this.#countGroups(f, groups);
      forRange(f, unit, begin, end, 1, () => {
        f.get(unit).get(groups).op('i32.div_u').set(picture);
        f.get(unit).get(groups).op('i32.rem_u');
        this.#startGroup(f, skip, channels);
        forRange(f, oy, 0, this.#local(f, 'outHeight'), 1, () =>
          forRange(f, ox, 0, this.#local(f, 'outWidth'), 1, () => {
            f.get(picture).getGlobal(this.g.outHeight).op('i32.mul').get(oy).op('i32.add');
            f.getGlobal(this.g.outWidth).op('i32.mul').get(ox).op('i32.add');
            this.#pushOutPixel(f);
            f.op('i32.mul').get(outGradient).op('i32.add');
            f.get(skip).getGlobal(this.g.multiplier).op('i32.mul').op('i32.add').set(from);
            this.#pushPosition(f, picture, oy, ox);
            f.get(skip).op('i32.add').set(to);
            f.get(filter).get(skip).getGlobal(this.g.multiplier).op('i32.mul').op('i32.add').set(weight);
            f.get(channels).set(left);
            this.#eachChannel(f, left, { input: [to], output: [from, weight] }, (lanes, offsets) => {
              const sums = offsets.map(() => f.local(lanes.type));
              this.#eachElement(f, to, weight, (at, w) => {
                sums.forEach((sum, i) => void f.get(at).access(lanes.load, offsets[i]).set(sum));
                this.#addProducts(f, lanes, sums, offsets, from, w);
                sums.forEach((sum, i) => void f.get(at).get(sum).access(lanes.store, offsets[i]));
              });
            });
          }),
        );
      });
    });
  }

  defineFilterGradient(): void {
    this.#define('filterGradient', (f, [outGradient, filterGradient, begin, end], pictures) => {
      const names = [
        'unit',
        'groups',
        'element',
        'skip',
        'channels',
        'left',
        'from',
        'to',
        'given',
        'dy',
        'picture',
        'oy',
      ];
      const locals = names.map(() => f.local('i32'));
      const [unit, groups, element, skip, channels, left, from, to, given, dy, picture, oy] = locals;
      const [at, ox, outPixel] = [f.local('i32'), f.local('i32'), f.local('i32')];
      this.#countGroups(f, groups);
      this.#pushOutPixel(f);
      f.set(outPixel);
      forRange(f, unit, begin, end, 1, () => {
        f.get(unit).get(groups).op('i32.div_u').set(element);
        f.get(unit).get(groups).op('i32.rem_u');
        this.#startGroup(f, skip, channels);
        f.get(element).getGlobal(this.g.filterWidth).op('i32.div_u').getGlobal(this.g.filterRow).op('i32.mul');
        f.get(element).getGlobal(this.g.filterWidth).op('i32.rem_u').getGlobal(this.g.filterColumn).op('i32.mul');
        f.op('i32.add').get(skip).op('i32.add').set(from);
        f.get(skip).getGlobal(this.g.multiplier).op('i32.mul').set(skip);
        f.get(outGradient).get(skip).op('i32.add').set(given);
        f.get(filterGradient).get(element).get(outPixel).op('i32.mul').op('i32.add').get(skip).op('i32.add').set(to);
        f.get(channels).set(left);
        this.#eachChannel(f, left, { input: [from], output: [to, given] }, (lanes, offsets) => {
          const sums = offsets.map(() => this.#zero(f, lanes));
          f.get(given).set(dy);
          forRange(f, picture, 0, pictures, 1, () =>
            forRange(f, oy, 0, this.#local(f, 'outHeight'), 1, () => {
              this.#pushPosition(f, picture, oy, null);
              f.get(from).op('i32.add').set(at);
              f.getGlobal(this.g.outWidth).set(ox);
              whileAtLeast(f, ox, 1, () => {
                this.#addProducts(f, lanes, sums, offsets, at, dy);
                f.get(at).getGlobal(this.g.column).op('i32.add').set(at);
                advance(f, dy, outPixel);
              });
            }),
          );
          sums.forEach((sum, i) => void f.get(to).get(sum).access(lanes.store, offsets[i]));
        });
      });
    });
  }

  /** A function of the geometry, the number of pictures, two addresses and a range. */
  #define(name: string, body: (f: FunctionBuilder, own: Local[], pictures: Local) => void): void {
    const count = DEPTHWISE_GEOMETRY.length;
    this.module.define(name, new Array(count + 5).fill('i32'), [], (f, ...params) => {
      DEPTHWISE_GEOMETRY.forEach((field, i) => void f.get(params[i]).setGlobal(this.g[field]));
      body(f, params.slice(count + 1), params[count]);
    });
  }

  #local(f: FunctionBuilder, field: keyof Geometry): Local {
    const local = f.local('i32');
    f.getGlobal(this.g[field]).set(local);
    return local;
  }

  #countGroups(f: FunctionBuilder, groups: Local): void {
    f.getGlobal(this.g.channels)
      .i32(CHANNEL_GROUP - 1)
      .op('i32.add')
      .i32(CHANNEL_GROUP)
      .op('i32.div_u')
      .set(groups);
  }

  /** Takes a group's number from the stack: the bytes of input channels before it, and how many it has. */
  #startGroup(f: FunctionBuilder, skip: Local, channels: Local): void {
    f.i32(CHANNEL_GROUP).op('i32.mul').set(skip);
    f.getGlobal(this.g.channels).get(skip).op('i32.sub').set(channels);
    setMinimum(f, channels, channels, CHANNEL_GROUP);
    f.get(skip).i32(this.floats.bytes).op('i32.mul').set(skip);
  }

  /** Bytes of a pixel of the output, which are also those of the filter from one element of the window to the next. */
  #pushOutPixel(f: FunctionBuilder): void {
    f.getGlobal(this.g.channels).getGlobal(this.g.multiplier).op('i32.mul').i32(this.floats.bytes).op('i32.mul');
  }

  /** Where a position's elements start. */
  #pushPosition(f: FunctionBuilder, picture: Local, y: Local, x: Local | null): void {
    f.getGlobal(this.g.source).get(picture).getGlobal(this.g.picture).op('i32.mul').op('i32.add');
    f.get(y).getGlobal(this.g.row).op('i32.mul').op('i32.add');
    if (x !== null) f.get(x).getGlobal(this.g.column).op('i32.mul').op('i32.add');
  }

  #zero(f: FunctionBuilder, lanes: Lanes): Local {
    const sum = f.local(lanes.type);
    lanes.constant(f, 0);
    f.set(sum);
    return sum;
  }

  /** Adds the products of what lies at some offsets from two addresses to sums. */
  #addProducts(
    f: FunctionBuilder,
    lanes: Lanes,
    sums: readonly Local[],
    offsets: readonly number[],
    a: Local,
    b: Local,
  ): void {
    const isFused = lanes.count > 1 && this.target.relaxed;
    sums.forEach((sum, i) => {
      if (!isFused) f.get(sum);
      f.get(a).access(lanes.load, offsets[i]).get(b).access(lanes.load, offsets[i]);
      if (isFused) f.get(sum).op(this.floats.madd).set(sum);
      else
        f.op(lanes.count > 1 ? this.floats.mul : this.floats.scalarMul)
          .op(lanes.add)
          .set(sum);
    });
  }

  /**
   * Emits `body` for the output channels of `left` input channels, and steps pointers along: into what has the input's channels,
   * and into what has the output's. The body does lanes at some offsets at once: several vectors, one, or one channel.
   */
  #eachChannel(
    f: FunctionBuilder,
    left: Local,
    pointers: { readonly input: readonly Local[]; readonly output: readonly Local[] },
    body: (lanes: Lanes, offsets: readonly number[]) => void,
  ): void {
    const [vector, scalar] = [vectorLanes(this.floats), scalarLanes(this.floats)];
    const several = f.local('i32');
    f.getGlobal(this.g.multiplier).i32(1).op('i32.eq');
    f.if(() => {
      for (const vectors of [VECTORS, 1]) {
        whileAtLeast(f, left, vectors * vector.count, () => {
          body(
            vector,
            Array.from({ length: vectors }, (_, i) => i * vector.bytes),
          );
          for (const pointer of [...pointers.input, ...pointers.output]) advance(f, pointer, vectors * vector.bytes);
        });
      }
    });
    whileAtLeast(f, left, 1, () => {
      f.getGlobal(this.g.multiplier).set(several);
      whileAtLeast(f, several, 1, () => {
        body(scalar, [0]);
        for (const pointer of pointers.output) advance(f, pointer, scalar.bytes);
      });
      for (const pointer of pointers.input) advance(f, pointer, scalar.bytes);
    });
  }

  /** Visits the elements of a window, with the filter's weights. */
  #eachElement(f: FunctionBuilder, first: Local, weight: Local, visit: (at: Local, weight: Local) => void): void {
    const [rows, columns, row, at, w] = Array.from({ length: 5 }, () => f.local('i32'));
    f.get(weight).set(w).get(first).set(row).getGlobal(this.g.filterHeight).set(rows);
    whileAtLeast(f, rows, 1, () => {
      f.get(row).set(at).getGlobal(this.g.filterWidth).set(columns);
      whileAtLeast(f, columns, 1, () => {
        visit(at, w);
        f.get(at).getGlobal(this.g.filterColumn).op('i32.add').set(at);
        f.get(w).getGlobal(this.g.weightStep).op('i32.add').set(w);
      });
      f.get(row).getGlobal(this.g.filterRow).op('i32.add').set(row);
    });
  }
}
