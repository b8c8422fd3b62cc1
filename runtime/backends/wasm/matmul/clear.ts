/**
 * The module that fills a strided batch of matrices with zeros: what a product over k = 0 is.
 */
import { advance, advanceBy, forRange } from '../assembler/loops';
import { ModuleBuilder } from '../assembler/moduleBuilder';
import type { KernelModule } from '../kernelCall';
import { type FloatName, floatsOf } from './floats';

/** clear(c, rowStride, columnStride, matrixStride, m, n, begin, end): rows counted through the batch, strides in bytes. */
export function clearModule(dtype: FloatName): KernelModule {
  return {
    key: `matmul/clear/${dtype}`,
    build: ({ shared }) => {
      const module = new ModuleBuilder();
      module.importMemory({ shared });
      const floats = floatsOf(dtype);
      module.define(
        'clear',
        new Array(8).fill('i32'),
        [],
        (f, c, rowStride, columnStride, matrix, m, n, begin, end) => {
          const [row, column, at, part] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
          forRange(f, row, begin, end, 1, () => {
            f.get(c).set(at);
            f.get(row).get(m).op('i32.div_u').set(part);
            advanceBy(f, at, part, matrix);
            f.get(row).get(m).op('i32.rem_u').set(part);
            advanceBy(f, at, part, rowStride);
            forRange(f, column, 0, n, 1, () => {
              f.get(at);
              (floats.type === 'f32' ? f.f32(0) : f.f64(0)).access(floats.store);
              advance(f, at, columnStride);
            });
          });
        },
      );
      return module.toBytes();
    },
  };
}
