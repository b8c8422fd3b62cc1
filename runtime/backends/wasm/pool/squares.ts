/**
 * The module of the commonest pooling: windows of 2 × 2 that tile the input. Windows are written out, they do not overlap, and
 * nothing has to be cleared. What is computed is what kernels.ts computes for them, to the bit.
 *
 *     max(width, channels, input, output, begin, end)                           // rows of the output, through the batch,
 *     maxGradient(width, channels, input, outGradient, inGradient, begin, end)  // of so many pixels
 */
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import { advance, advanceBy, forRange, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule } from '../kernelCall';
import { type Lanes, scalarLanes, vectorLanes } from '../matmul/channels';
import { type FloatName, type Floats, floatsOf } from '../matmul/floats';
import { LOWEST } from './kernels';

export function squaresModule(dtype: FloatName): KernelModule {
  return { key: `pool/squares/${dtype}`, build: ({ shared }) => build(floatsOf(dtype), shared) };
}

function build(floats: Floats, shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared });
  module.define('max', new Array(6).fill('i32'), [], (f, width, channels, input, output, begin, end) => {
    const lowest = lanesOf(floats).map((lanes) => constantOf(f, lanes, LOWEST[floats.dtype]));
    eachPixel(f, floats, { width, channels, begin, end, input, output }, (lanes, kind, square, to) => {
      const best = f.local(lanes.type);
      f.get(lowest[kind]).set(best);
      for (const at of square) {
        const value = f.local(lanes.type);
        f.get(at).access(lanes.load).set(value);
        lanes.larger(f, best, value);
        f.set(best);
      }
      f.get(to).get(best).access(lanes.store);
    });
  });
  module.define(
    'maxGradient',
    new Array(7).fill('i32'),
    [],
    (f, width, channels, input, output, inGradient, ...range) => {
      const [begin, end] = range;
      const indices = lanesOf(floats).map((lanes) => [0, 1, 2, 3].map((i) => indexOf(f, lanes, i)));
      const zeros = lanesOf(floats).map((lanes) => constantOf(f, lanes, 0));
      // How far the gradient lies from the input.
      const [distance, target] = [f.local('i32'), f.local('i32')];
      f.get(inGradient).get(input).op('i32.sub').set(distance);
      eachPixel(f, floats, { width, channels, begin, end, input, output }, (lanes, kind, square, from) => {
        const [best, value, gradient] = [f.local(lanes.type), f.local(lanes.type), f.local(lanes.type)];
        const index = f.local(lanes.indexType);
        f.get(from).access(lanes.load).set(gradient);
        // The first counts even if it is a NaN.
        f.get(square[0]).access(lanes.load).set(best).get(indices[kind][0]).set(index);
        for (let i = 1; i < 4; i++) {
          f.get(square[i]).access(lanes.load).set(value);
          lanes.keepLarger(f, best, value, index, indices[kind][i]);
        }
        square.forEach((at, i) => {
          f.get(at).get(distance).op('i32.add').set(target);
          f.get(target).get(zeros[kind]);
          lanes.where(f, index, indices[kind][i], gradient);
          f.op(lanes.add).access(lanes.store);
        });
      });
    },
  );
  return module.toBytes();
}

const lanesOf = (floats: Floats): readonly Lanes[] => [vectorLanes(floats), scalarLanes(floats)];

function constantOf(f: FunctionBuilder, lanes: Lanes, value: number): Local {
  const local = f.local(lanes.type);
  lanes.constant(f, value);
  f.set(local);
  return local;
}

function indexOf(f: FunctionBuilder, lanes: Lanes, index: number): Local {
  const local = f.local(lanes.indexType);
  f.i32(index);
  lanes.indexFromI32(f);
  f.set(local);
  return local;
}

type Rows = Readonly<Record<'width' | 'channels' | 'begin' | 'end' | 'input' | 'output', Local>>;

/** Emits `body` for vectors of each output pixel's channels and for the rest: with its four elements of the input, row by row. */
function eachPixel(
  f: FunctionBuilder,
  floats: Floats,
  { width, channels, begin, end, input, output }: Rows,
  body: (lanes: Lanes, kind: number, square: readonly Local[], to: Local) => void,
): void {
  const names = ['row', 'column', 'left', 'pixel', 'inRow', 'to', 'from', 'right', 'below', 'across'];
  const [row, column, left, pixel, inRow, to, from, right, below, across] = names.map(() => f.local('i32'));
  const square = [from, right, below, across];
  f.get(channels).i32(floats.bytes).op('i32.mul').set(pixel);
  f.get(pixel).get(width).op('i32.mul').i32(1).op('i32.shl').set(inRow);
  f.get(output).set(to);
  f.get(begin).get(width).op('i32.mul').set(left);
  advanceBy(f, to, left, pixel);
  f.get(begin).i32(1).op('i32.shl').set(left);
  f.get(input).set(from);
  advanceBy(f, from, left, inRow);
  forRange(f, row, begin, end, 1, () => {
    f.get(width).set(column);
    whileAtLeast(f, column, 1, () => {
      f.get(from).get(pixel).op('i32.add').set(right);
      f.get(from).get(inRow).op('i32.add').set(below);
      f.get(right).get(inRow).op('i32.add').set(across);
      f.get(channels).set(left);
      lanesOf(floats).forEach((lanes, kind) => {
        whileAtLeast(f, left, lanes.count, () => {
          body(lanes, kind, square, to);
          for (const pointer of [...square, to]) advance(f, pointer, lanes.bytes);
        });
      });
      f.get(from).get(pixel).op('i32.add').set(from);
    });
    f.get(from).get(inRow).op('i32.add').set(from);
  });
}
