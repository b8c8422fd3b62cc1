/**
 * The module that copies pictures with zeros around them, or parts of them, and that spreads pixels over a coarser grid.
 */
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/functionBuilder';
import { advance, advanceBy, forRange, whileAtLeast } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule, WasmCall } from '../kernelCall';
import { floatsOf } from '../matmul/floats';
import type { ConvSpec, PaddedSource } from './convSpec';

export const padModule: KernelModule = {
  key: 'conv/pad',
  build: ({ shared }) => {
    const module = new ModuleBuilder();
    module.importMemory({ shared });
    const copy = defineCopy(module);
    const clear = defineClear(module);
    definePad(module, copy, clear);
    defineSpread(module, copy);
    return module.toBytes();
  },
};

/** copy(to, from, bytes): a multiple of 4 bytes. */
function defineCopy(module: ModuleBuilder): FunctionRef {
  return module.define(null, ['i32', 'i32', 'i32'], [], (f, to, from, bytes) => {
    whileAtLeast(f, bytes, 16, () => {
      f.get(to).get(from).access('v128.load').access('v128.store');
      advance(f, to, 16);
      advance(f, from, 16);
    });
    whileAtLeast(f, bytes, 4, () => {
      f.get(to).get(from).access('i32.load').access('i32.store');
      advance(f, to, 4);
      advance(f, from, 4);
    });
  });
}

/** clear(to, bytes): a multiple of 4 bytes. */
function defineClear(module: ModuleBuilder): FunctionRef {
  return module.define(null, ['i32', 'i32'], [], (f, to, bytes) => {
    whileAtLeast(f, bytes, 16, () => {
      f.get(to).i32x4(0).access('v128.store');
      advance(f, to, 16);
    });
    whileAtLeast(f, bytes, 4, () => {
      f.get(to).i32(0).access('i32.store');
      advance(f, to, 4);
    });
  });
}

/**
 * pad(from, to, height, row, paddedHeight, paddedRow, top, left, skip, middle, begin, end): rows of the padded pictures, counted
 * through the batch. A row is `left` bytes of zeros, `middle` bytes of the source's row from `skip` on, and zeros again.
 */
function definePad(module: ModuleBuilder, copy: FunctionRef, clear: FunctionRef): void {
  module.define('pad', new Array(12).fill('i32'), [], (f, ...params) => {
    const [from, to, height, row, paddedHeight, paddedRow, top, left, skip, middle, begin, end] = params;
    const [at, y, target, picture] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    forRange(f, at, begin, end, 1, () => {
      f.get(at).get(paddedHeight).op('i32.div_u').set(picture);
      f.get(at).get(paddedHeight).op('i32.rem_u').get(top).op('i32.sub').set(y);
      f.get(to).set(target);
      advanceBy(f, target, at, paddedRow);
      f.get(y).get(height).op('i32.lt_u');
      f.if(
        () => {
          f.get(target).get(left).call(clear);
          advance(f, target, left);
          f.get(target);
          f.get(picture).get(height).op('i32.mul').get(y).op('i32.add').get(row).op('i32.mul');
          f.get(from).op('i32.add').get(skip).op('i32.add').get(middle).call(copy);
          advance(f, target, middle);
          f.get(target).get(paddedRow).get(left).op('i32.sub').get(middle).op('i32.sub').call(clear);
        },
        () => f.get(target).get(paddedRow).call(clear),
      );
    });
  });
}

/**
 * spread(from, to, height, width, pixel, toPicture, toRow, toColumn, begin, end): dense rows of pixels, counted through the batch, to
 * where they belong.
 */
function defineSpread(module: ModuleBuilder, copy: FunctionRef): void {
  module.define('spread', new Array(10).fill('i32'), [], (f, ...params) => {
    const [from, to, height, width, pixel, toPicture, toRow, toColumn, begin, end] = params;
    const [at, x, part, source, target] = ['at', 'x', 'part', 'source', 'target'].map(() => f.local('i32'));
    forRange(f, at, begin, end, 1, () => {
      f.get(to).set(target);
      f.get(at).get(height).op('i32.div_u').set(part);
      advanceBy(f, target, part, toPicture);
      f.get(at).get(height).op('i32.rem_u').set(part);
      advanceBy(f, target, part, toRow);
      f.get(from).set(source);
      f.get(width).get(pixel).op('i32.mul').set(part);
      advanceBy(f, source, at, part);
      forRange(f, x, 0, width, 1, () => {
        copyPixel(f, copy, target, source, pixel);
        advance(f, source, pixel);
        advance(f, target, toColumn);
      });
    });
  });
}

function copyPixel(f: FunctionBuilder, copy: FunctionRef, to: Local, from: Local, bytes: Local): void {
  f.get(to).get(from).get(bytes).call(copy);
}

/** Pictures of the same number and pixels, one part of the other. */
export interface PictureCopy {
  readonly batch: number;
  /** Bytes of a pixel. */
  readonly pixel: number;
  readonly from: number;
  readonly fromHeight: number;
  readonly fromWidth: number;
  readonly to: number;
  readonly toHeight: number;
  readonly toWidth: number;
  /** Where the source starts in the copy; negative where it is cut off. */
  readonly top: number;
  readonly left: number;
}

/** The call that copies pictures with zeros where the source has nothing. */
export function copyPictures(p: PictureCopy): WasmCall[] {
  if (p.batch * p.toHeight * p.toWidth * p.pixel === 0) return [];
  const left = Math.min(Math.max(0, p.left), p.toWidth);
  const skip = Math.max(0, -p.left);
  const middle = Math.max(0, Math.min(p.toWidth - left, p.fromWidth - skip));
  const rows = [p.from, p.to, p.fromHeight, p.fromWidth * p.pixel, p.toHeight, p.toWidth * p.pixel, p.top];
  const args = [...rows, left * p.pixel, skip * p.pixel, middle * p.pixel];
  const range = { extent: p.batch * p.toHeight, grain: 8 };
  return [{ kind: 'wasm', module: padModule, exportName: 'pad', args, range }];
}

/** The call that copies a convolution's input with zeros around it, if it is needed. */
export function padCalls(spec: ConvSpec, source: PaddedSource, input: number, copy: number): WasmCall[] {
  if (!source.copied) return [];
  return copyPictures({
    batch: spec.batch,
    pixel: spec.inChannels * floatsOf(spec.dtype).bytes,
    from: input,
    fromHeight: spec.inHeight,
    fromWidth: spec.inWidth,
    to: copy,
    toHeight: source.height,
    toWidth: source.width,
    top: spec.padTop,
    left: spec.padLeft,
  });
}

/** The call that copies what a padded picture has of the input. */
export function cropCalls(spec: ConvSpec, source: PaddedSource, from: number, to: number): WasmCall[] {
  return copyPictures({
    batch: spec.batch,
    pixel: spec.inChannels * floatsOf(spec.dtype).bytes,
    from,
    fromHeight: source.height,
    fromWidth: source.width,
    to,
    toHeight: spec.inHeight,
    toWidth: spec.inWidth,
    top: -spec.padTop,
    left: -spec.padLeft,
  });
}
