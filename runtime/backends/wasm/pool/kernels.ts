/**
 * The module of pooling: maximum and average over windows, and their gradients, NHWC. What is computed, ties and NaNs included,
 * is what runtime/kernels/pool.ts computes, but that averages of float32 are summed as float32.
 *
 *     max(…geometry, input, output, begin, end)             average(…)             // rows of the output, through the batch
 *     maxGradient(…geometry, input, outGradient, inGradient, begin, end)
 *     averageGradient(…geometry, outGradient, inGradient, begin, end)
 *
 * Windows overlap in the gradients, so these are split by pictures and groups of channels: each part clears what it adds to.
 */
import type { FunctionBuilder, GlobalRef, Local } from '../assembler/functionBuilder';
import { advance, forRange, setMinimum, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule } from '../kernelCall';
import { type Lanes, scalarLanes, vectorLanes } from '../matmul/channels';
import { type FloatName, type Floats, floatsOf } from '../matmul/floats';

/** In the order of the arguments; all but `pixel`, the bytes of all channels, in elements. */
export const POOL_GEOMETRY = [
  'inHeight',
  'inWidth',
  'channels',
  'outHeight',
  'outWidth',
  'windowHeight',
  'windowWidth',
  'strideHeight',
  'strideWidth',
  'padTop',
  'padLeft',
] as const;

/** Channels of a group, which is one part of a gradient's work. */
export const CHANNEL_GROUP = 32;

type Geometry = Readonly<Record<(typeof POOL_GEOMETRY)[number] | 'pixel', GlobalRef>>;

/** The elements that one window covers. */
interface Window {
  /** The first of them: picture, then row and column, inside the input. */
  readonly y: Local;
  readonly x: Local;
  readonly height: Local;
  readonly width: Local;
}

/** What maxima begin with. */
export const LOWEST = { float32: -3.4028234663852886e38, float64: -Number.MAX_VALUE };

export function poolModule(dtype: FloatName): KernelModule {
  return { key: `pool/${dtype}`, build: ({ shared }) => build(floatsOf(dtype), shared) };
}

function build(floats: Floats, shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared });
  const names = [...POOL_GEOMETRY, 'pixel'];
  const geometry = Object.fromEntries(names.map((name) => [name, module.defineGlobal()])) as unknown as Geometry;
  const kernels = new PoolKernels(module, floats, geometry);
  kernels.defineForward('max');
  kernels.defineForward('average');
  kernels.defineGradient('maxGradient');
  kernels.defineGradient('averageGradient');
  return module.toBytes();
}

class PoolKernels {
  constructor(
    readonly module: ModuleBuilder,
    readonly floats: Floats,
    readonly g: Geometry,
  ) {}

  defineForward(name: 'max' | 'average'): void {
    this.#define(name, 4, (f, [input, output, begin, end]) => {
      const [unit, picture, oy, ox, from, to] = Array.from({ length: 6 }, () => f.local('i32'));
      const window = windowLocals(f);
      forRange(f, unit, begin, end, 1, () => {
        f.get(unit).getGlobal(this.g.outHeight).op('i32.div_u').set(picture);
        f.get(unit).getGlobal(this.g.outHeight).op('i32.rem_u').set(oy);
        this.#clipRows(f, window, oy);
        f.get(output).get(unit).getGlobal(this.g.outWidth).op('i32.mul');
        f.getGlobal(this.g.pixel).op('i32.mul').op('i32.add').set(to);
        this.#eachColumn(f, ox, () => {
          this.#clipColumns(f, window, ox);
          this.#pushPixel(f, input, picture, window.y, window.x);
          f.set(from);
          this.#eachChannel(f, null, (lanes, step) => {
            if (name === 'max') this.#emitMaximum(f, lanes, from, window);
            else this.#emitAverage(f, lanes, from, window);
            const result = f.local(lanes.type);
            f.set(result).get(to).get(result).access(lanes.store);
            step(from);
            step(to);
          });
        });
      });
    });
  }

  defineGradient(name: 'maxGradient' | 'averageGradient'): void {
    const isMax = name === 'maxGradient';
    this.#define(name, isMax ? 5 : 4, (f, params) => {
      const [begin, end] = params.slice(-2);
      const [outGradient, inGradient] = params.slice(-4, -2);
      const input = params[0];
      const names = ['unit', 'groups', 'picture', 'skip', 'channels', 'oy', 'ox', 'from', 'to', 'given', 'pixels'];
      const [unit, groups, picture, skip, channels, oy, ox, from, to, given, pixels] = names.map(() => f.local('i32'));
      const window = windowLocals(f);
      f.getGlobal(this.g.channels)
        .i32(CHANNEL_GROUP - 1)
        .op('i32.add')
        .i32(CHANNEL_GROUP)
        .op('i32.div_u')
        .set(groups);
      forRange(f, unit, begin, end, 1, () => {
        f.get(unit).get(groups).op('i32.div_u').set(picture);
        f.get(unit).get(groups).op('i32.rem_u').i32(CHANNEL_GROUP).op('i32.mul').set(skip);
        f.getGlobal(this.g.channels).get(skip).op('i32.sub').set(channels);
        setMinimum(f, channels, channels, CHANNEL_GROUP);
        f.get(skip).i32(this.floats.bytes).op('i32.mul').set(skip);
        this.#clear(f, inGradient, picture, skip, channels, pixels);
        f.get(outGradient).get(skip).op('i32.add');
        f.get(picture).getGlobal(this.g.outHeight).op('i32.mul').getGlobal(this.g.outWidth).op('i32.mul');
        f.getGlobal(this.g.pixel).op('i32.mul').op('i32.add').set(given);
        forRange(f, oy, 0, this.#local(f, 'outHeight'), 1, () => {
          this.#clipRows(f, window, oy);
          this.#eachColumn(f, ox, () => {
            this.#clipColumns(f, window, ox);
            this.#pushPixel(f, inGradient, picture, window.y, window.x);
            f.get(skip).op('i32.add').set(to);
            this.#pushPixel(f, input, picture, window.y, window.x);
            f.get(skip).op('i32.add').set(from);
            this.#eachChannel(f, channels, (lanes, step) => {
              if (isMax) this.#addAtMaximum(f, lanes, { from, to, given }, window);
              else this.#addShares(f, lanes, { to, given }, window);
              step(from);
              step(to);
              step(given);
            });
            // To the next pixel, past the channels of other groups.
            f.get(given).getGlobal(this.g.pixel).op('i32.add');
            f.get(channels).i32(this.floats.bytes).op('i32.mul').op('i32.sub').set(given);
          });
        });
      });
    });
  }

  #define(name: string, own: number, body: (f: FunctionBuilder, params: Local[]) => void): void {
    const count = POOL_GEOMETRY.length;
    this.module.define(name, new Array(count + own).fill('i32'), [], (f, ...params) => {
      POOL_GEOMETRY.forEach((field, i) => void f.get(params[i]).setGlobal(this.g[field]));
      f.getGlobal(this.g.channels).i32(this.floats.bytes).op('i32.mul').setGlobal(this.g.pixel);
      body(f, params.slice(count));
    });
  }

  #local(f: FunctionBuilder, field: keyof Geometry): Local {
    const local = f.local('i32');
    f.getGlobal(this.g[field]).set(local);
    return local;
  }

  #eachColumn(f: FunctionBuilder, ox: Local, body: () => void): void {
    forRange(f, ox, 0, this.#local(f, 'outWidth'), 1, body);
  }

  /** base + the pixel's place. */
  #pushPixel(f: FunctionBuilder, base: Local, picture: Local, y: Local, x: Local): void {
    f.get(base).get(picture).getGlobal(this.g.inHeight).op('i32.mul').get(y).op('i32.add');
    f.getGlobal(this.g.inWidth).op('i32.mul').get(x).op('i32.add');
    f.getGlobal(this.g.pixel).op('i32.mul').op('i32.add');
  }

  #clipRows(f: FunctionBuilder, { y, height }: Window, oy: Local): void {
    this.#clip(f, y, height, oy, ['strideHeight', 'padTop', 'windowHeight', 'inHeight']);
  }

  #clipColumns(f: FunctionBuilder, { x, width }: Window, ox: Local): void {
    this.#clip(f, x, width, ox, ['strideWidth', 'padLeft', 'windowWidth', 'inWidth']);
  }

  /** The part of a window's line that is inside the input: where it starts, and how long it is, 0 or less for none. */
  #clip(f: FunctionBuilder, first: Local, size: Local, at: Local, fields: readonly (keyof Geometry)[]): void {
    const [stride, pad, window, input] = fields.map((field) => this.g[field]);
    const limit = f.local('i32');
    f.get(at).getGlobal(stride).op('i32.mul').getGlobal(pad).op('i32.sub').tee(first);
    f.getGlobal(window).op('i32.add').set(size);
    f.getGlobal(input).set(limit);
    setMinimum(f, size, size, limit);
    f.get(first).i32(0).get(first).i32(0).op('i32.gt_s').op('select').set(first);
    f.get(size).get(first).op('i32.sub').set(size);
  }

  /** Emits `body` for vectors of channels and for what is left; `step(pointer)` goes on to the next channels. */
  #eachChannel(
    f: FunctionBuilder,
    count: Local | null,
    body: (lanes: Lanes, step: (pointer: Local) => void) => void,
  ): void {
    const left = f.local('i32');
    if (count === null) f.getGlobal(this.g.channels);
    else f.get(count);
    f.set(left);
    for (const lanes of [vectorLanes(this.floats), scalarLanes(this.floats)])
      whileAtLeast(f, left, lanes.count, () => body(lanes, (pointer) => advance(f, pointer, lanes.bytes)));
  }

  /** Visits the elements of a window in row-major order; `at` is an element's address, `first` where the window starts. */
  #eachElement(f: FunctionBuilder, first: Local, { height, width }: Window, visit: (at: Local) => void): void {
    const [rows, columns, row, at] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    f.get(first).set(row).get(height).set(rows);
    whileAtLeast(f, rows, 1, () => {
      f.get(row).set(at).get(width).set(columns);
      whileAtLeast(f, columns, 1, () => {
        visit(at);
        f.get(at).getGlobal(this.g.pixel).op('i32.add').set(at);
      });
      f.get(row).getGlobal(this.g.inWidth).getGlobal(this.g.pixel).op('i32.mul').op('i32.add').set(row);
    });
  }

  #emitMaximum(f: FunctionBuilder, lanes: Lanes, from: Local, window: Window): void {
    const [best, value] = [f.local(lanes.type), f.local(lanes.type)];
    lanes.constant(f, LOWEST[this.floats.dtype]);
    f.set(best);
    this.#eachElement(f, from, window, (at) => {
      f.get(at).access(lanes.load).set(value);
      lanes.larger(f, best, value);
      f.set(best);
    });
    f.get(best);
  }

  #emitAverage(f: FunctionBuilder, lanes: Lanes, from: Local, window: Window): void {
    const sum = f.local(lanes.type);
    lanes.constant(f, 0);
    f.set(sum);
    this.#eachElement(f, from, window, (at) => {
      f.get(sum).get(at).access(lanes.load).op(lanes.add).set(sum);
    });
    f.get(sum);
    this.#pushCount(f, lanes, window);
    f.op(lanes.div);
  }

  /** How many elements a window covers, in all lanes. */
  #pushCount(f: FunctionBuilder, lanes: Lanes, { height, width }: Window): void {
    const positive = (size: Local) => f.get(size).i32(0).get(size).i32(0).op('i32.gt_s').op('select');
    positive(height);
    positive(width).op('i32.mul').op(`${this.floats.type}.convert_i32_s`);
    lanes.fromScalar(f);
  }

  #addAtMaximum(
    f: FunctionBuilder,
    lanes: Lanes,
    { from, to, given }: Readonly<Record<'from' | 'to' | 'given', Local>>,
    window: Window,
  ): void {
    const [best, value, gradient] = [f.local(lanes.type), f.local(lanes.type), f.local(lanes.type)];
    const [index, candidate] = [f.local(lanes.indexType), f.local(lanes.indexType)];
    const count = f.local('i32');
    const eachCandidate = (visit: (at: Local) => void) => (at: Local) => {
      f.get(count);
      lanes.indexFromI32(f);
      f.set(candidate);
      visit(at);
      advance(f, count, 1);
    };
    f.i32(0).tee(count);
    lanes.indexFromI32(f);
    f.set(index);
    f.get(given).access(lanes.load).set(gradient);
    const keep = eachCandidate((at) => {
      f.get(at).access(lanes.load).set(value);
      // The first counts even if it is a NaN.
      f.get(count).op('i32.eqz');
      f.if(
        () => f.get(value).set(best),
        () => lanes.keepLarger(f, best, value, index, candidate),
      );
    });
    this.#eachElement(f, from, window, keep);
    f.i32(0).set(count);
    const add = eachCandidate((at) => {
      f.get(at).get(at).access(lanes.load);
      lanes.where(f, index, candidate, gradient);
      f.op(lanes.add).access(lanes.store);
    });
    this.#eachElement(f, to, window, add);
  }

  #addShares(
    f: FunctionBuilder,
    lanes: Lanes,
    { to, given }: Readonly<Record<'to' | 'given', Local>>,
    window: Window,
  ): void {
    const share = f.local(lanes.type);
    f.get(given).access(lanes.load);
    this.#pushCount(f, lanes, window);
    f.op(lanes.div).set(share);
    this.#eachElement(f, to, window, (at) => {
      f.get(at).get(at).access(lanes.load).get(share).op(lanes.add).access(lanes.store);
    });
  }

  /** Zeros in some channels of a picture. */
  #clear(f: FunctionBuilder, base: Local, picture: Local, skip: Local, channels: Local, pixels: Local): void {
    const [first, to] = [f.local('i32'), f.local('i32')];
    f.getGlobal(this.g.inHeight).getGlobal(this.g.inWidth).op('i32.mul').set(pixels);
    f.get(base).get(skip).op('i32.add').set(first);
    f.get(first).get(picture).get(pixels).op('i32.mul').getGlobal(this.g.pixel).op('i32.mul').op('i32.add').set(first);
    whileAtLeast(f, pixels, 1, () => {
      f.get(first).set(to);
      this.#eachChannel(f, channels, (lanes, step) => {
        f.get(to);
        lanes.constant(f, 0);
        f.access(lanes.store);
        step(to);
      });
      f.get(first).getGlobal(this.g.pixel).op('i32.add').set(first);
    });
  }
}

function windowLocals(f: FunctionBuilder): Window {
  return { y: f.local('i32'), x: f.local('i32'), height: f.local('i32'), width: f.local('i32') };
}
