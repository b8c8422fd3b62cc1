/**
 * Packing: a panel is `width` rows of a matrix (of A, or of B transposed) with their elements interleaved, so that a tile reads
 * it straight through: element k of row r lies at (k · width + r) elements. Vectors are used where one of the strides is one
 * element, scalars elsewhere.
 */
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/functionBuilder';
import { advance, advanceBy, forRange, setMinimum, whileAtLeast } from '../assembler/loops';
import type { ModuleBuilder } from '../assembler/moduleBuilder';
import type { Floats } from './floats';

/** Steps of k that are packed for all panels before the next ones: what was read of a line of cache is used while it is there. */
const CHUNK = 32;

/**
 * Defines panel(source, rowStride, kStride, to, rows, k): up to `width` rows; strides in bytes. Rows that are missing become
 * zeros with `fill` and are left alone without.
 */
export function definePanel(module: ModuleBuilder, floats: Floats, width: number, fill: boolean): FunctionRef {
  const { bytes } = floats;
  return module.define(null, new Array(6).fill('i32'), [], (f, source, rowStride, kStride, to, rows, k) => {
    const [row, from, target, left] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const copyRow = (load: () => void) => {
      f.get(source).set(from);
      advanceBy(f, from, row, rowStride);
      f.get(to).set(target);
      advanceBy(f, target, row, bytes);
      f.get(k).set(left);
      whileAtLeast(f, left, 1, () => {
        f.get(target);
        load();
        f.access(floats.store);
        advance(f, from, kStride);
        advance(f, target, width * bytes);
      });
    };
    f.block((done) => {
      const isWhole = () => f.get(rows).i32(width).op('i32.eq');
      isWhole().get(rowStride).i32(bytes).op('i32.eq').op('i32.and');
      f.if(() => {
        copySideBySide(f, floats, width, { source, kStride, to, k });
        f.br(done);
      });
      isWhole().get(kStride).i32(bytes).op('i32.eq').op('i32.and');
      f.if(() => transpose(f, floats, width, { source, rowStride, to, k }));
      // What is left of k, or all of it.
      f.get(k).op('i32.eqz').brIf(done);
      forRange(f, row, 0, rows, 1, () => copyRow(() => f.get(from).access(floats.load)));
      if (fill) forRange(f, row, rows, width, 1, () => copyRow(() => (floats.type === 'f32' ? f.f32(0) : f.f64(0))));
    });
  });
}

interface Panel {
  readonly source: Local;
  readonly to: Local;
  readonly k: Local;
}

/** Rows lie side by side in memory: for each k one run is copied. */
function copySideBySide(
  f: FunctionBuilder,
  { bytes }: Floats,
  width: number,
  { source, kStride, to, k }: Panel & { readonly kStride: Local },
): void {
  const run = width * bytes;
  whileAtLeast(f, k, 1, () => {
    let offset = 0;
    for (; offset + 16 <= run; offset += 16) {
      f.get(to).get(source).access('v128.load', offset).access('v128.store', offset);
    }
    if (offset < run) f.get(to).get(source).access('i64.load', offset).access('i64.store', offset);
    advance(f, source, kStride);
    advance(f, to, run);
  });
}

/** Each row's k lie side by side: blocks of vectors are transposed. Leaves `k` smaller than a vector. */
function transpose(
  f: FunctionBuilder,
  floats: Floats,
  width: number,
  { source, rowStride, to, k }: Panel & { readonly rowStride: Local },
): void {
  const from = f.local('i32');
  const step = defineTransposition(f, floats, width);
  whileAtLeast(f, k, floats.lanes, () => {
    f.get(source).set(from);
    step(to, () => {
      f.get(from).access('v128.load');
      advance(f, from, rowStride);
    });
    advance(f, source, 16);
    advance(f, to, 16 * width);
  });
}

/**
 * Code that takes one vector from each of `width` rows, which `load` leaves on the stack in turn, and stores them interleaved.
 */
export function defineTransposition(
  f: FunctionBuilder,
  { bytes, lanes }: Floats,
  width: number,
): (to: Local, load: (row: number) => void) => void {
  const loaded = Array.from({ length: 4 }, () => f.local('v128'));
  const mixed = Array.from({ length: 4 }, () => f.local('v128'));
  const [a, b, c, d] = loaded;
  return (to, load) => {
    for (let row = 0; row < width; ) {
      const count = lanes === 4 && row + 4 <= width ? 4 : 2;
      for (let i = 0; i < count; i++) {
        load(row + i);
        f.set(loaded[i]);
      }
      const at = (step: number) => (step * width + row) * bytes;
      if (lanes === 2) {
        f.get(to).get(a).get(b).shuffle32(0, 1, 4, 5).access('v128.store', at(0));
        f.get(to).get(a).get(b).shuffle32(2, 3, 6, 7).access('v128.store', at(1));
        row += 2;
        continue;
      }
      f.get(a).get(b).shuffle32(0, 4, 1, 5).set(mixed[0]);
      f.get(a).get(b).shuffle32(2, 6, 3, 7).set(mixed[1]);
      if (count === 4) {
        f.get(c).get(d).shuffle32(0, 4, 1, 5).set(mixed[2]);
        f.get(c).get(d).shuffle32(2, 6, 3, 7).set(mixed[3]);
      }
      for (let step = 0; step < 4; step++) {
        f.get(to).get(mixed[step >> 1]);
        if (count === 2) f.laneAccess('v128.store64_lane', step & 1, at(step));
        else {
          f.get(mixed[2 + (step >> 1)]);
          if (step & 1) f.shuffle32(2, 3, 6, 7);
          else f.shuffle32(0, 1, 4, 5);
          f.access('v128.store', at(step));
        }
      }
      row += count;
    }
  };
}

/** pair(source, kStride, to, toPanel, k): two whole panels whose rows lie side by side: lines of cache are read once. */
function definePair(module: ModuleBuilder, { bytes }: Floats, width: number): FunctionRef {
  const run = width * bytes;
  return module.define(null, new Array(5).fill('i32'), [], (f, source, kStride, to, toPanel, k) => {
    f.get(to).get(toPanel).op('i32.add').set(toPanel);
    whileAtLeast(f, k, 1, () => {
      for (let offset = 0; offset < 2 * run; offset += 16) {
        f.get(offset < run ? to : toPanel)
          .get(source)
          .access('v128.load', offset);
        f.access('v128.store', offset % run);
      }
      advance(f, source, kStride);
      advance(f, to, run);
      advance(f, toPanel, run);
    });
  });
}

/**
 * Defines twoPanels(source, rowStride, kStride, to, toPanel, rows, k): up to two panels of rows, the second one `toPanel` further on;
 * rows that are missing from the last are zeros.
 */
export function definePairOfPanels(module: ModuleBuilder, floats: Floats, width: number): FunctionRef {
  const panel = definePanel(module, floats, width, true);
  const pair = definePair(module, floats, width);
  return module.define(null, new Array(7).fill('i32'), [], (f, source, rowStride, kStride, to, toPanel, rows, k) => {
    const part = f.local('i32');
    f.get(rowStride)
      .i32(floats.bytes)
      .op('i32.eq')
      .get(rows)
      .i32(2 * width)
      .op('i32.ge_s')
      .op('i32.and');
    f.if(
      () => f.get(source).get(kStride).get(to).get(toPanel).get(k).call(pair),
      () => {
        setMinimum(f, part, rows, width);
        f.get(source).get(rowStride).get(kStride).get(to).get(part).get(k).call(panel);
        f.get(rows).i32(width).op('i32.gt_s');
        f.if(() => {
          f.get(rows).i32(width).op('i32.sub').set(part);
          setMinimum(f, part, part, width);
          advanceBy(f, source, rowStride, width);
          f.get(source).get(rowStride).get(kStride).get(to).get(toPanel).op('i32.add').get(part).get(k).call(panel);
        });
      },
    );
  });
}

/**
 * Defines the export `name`(source, rowStride, kStride, matrixStride, to, toPanel, toMatrix, rows, k, begin, end): packs panels
 * `begin` to `end`, counted through all matrices of a batch; strides in bytes, `toPanel` and `toMatrix` are the ways from one packed
 * panel and one packed matrix to the next.
 */
export function definePackPanels(module: ModuleBuilder, floats: Floats, width: number, name: string): void {
  const twoPanels = definePairOfPanels(module, floats, width);
  module.define(name, new Array(11).fill('i32'), [], (f, ...params) => {
    const [source, rowStride, kStride, matrixStride, to, toPanel, toMatrix, rows, k, begin, end] = params;
    const names = ['panels', 'matrix', 'first', 'count', 'at', 'steps', 'left', 'from', 'target', 'part'];
    const [panels, matrix, first, count, at, steps, left, from, target, part] = names.map(() => f.local('i32'));
    f.get(rows)
      .i32(width - 1)
      .op('i32.add')
      .i32(width)
      .op('i32.div_u')
      .set(panels);
    f.block((done) =>
      f.loop((next) => {
        f.get(begin).get(end).op('i32.ge_s').brIf(done);
        f.get(begin).get(panels).op('i32.div_u').set(matrix);
        f.get(begin).get(panels).op('i32.rem_u').set(first);
        f.get(panels).get(first).op('i32.sub').set(count);
        f.get(end).get(begin).op('i32.sub').set(steps);
        setMinimum(f, count, count, steps);
        forRange(f, at, 0, k, CHUNK, () => {
          f.get(k).get(at).op('i32.sub').set(steps);
          setMinimum(f, steps, steps, CHUNK);
          f.get(source).set(from);
          advanceBy(f, from, matrix, matrixStride);
          advanceBy(f, from, at, kStride);
          f.get(first).i32(width).op('i32.mul').set(part);
          advanceBy(f, from, part, rowStride);
          f.get(to).set(target);
          advanceBy(f, target, matrix, toMatrix);
          advanceBy(f, target, first, toPanel);
          advanceBy(f, target, at, width * floats.bytes);
          // Rows from the first panel on, but none beyond the last panel.
          f.get(rows).get(part).op('i32.sub').set(left);
          f.get(count).i32(width).op('i32.mul').set(part);
          setMinimum(f, left, left, part);
          whileAtLeast(f, left, 1, () => {
            f.get(from).get(rowStride).get(kStride).get(target).get(toPanel).get(left).get(steps).call(twoPanels);
            advanceBy(f, from, rowStride, 2 * width);
            advanceBy(f, target, toPanel, 2);
            // The loop itself takes one row off.
            f.get(left)
              .i32(2 * width - 1)
              .op('i32.sub')
              .set(left);
          });
        });
        advance(f, begin, count);
        f.br(next);
      }),
    );
  });
}
