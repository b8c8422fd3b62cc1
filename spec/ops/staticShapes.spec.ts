/**
 * Static shapes of the ops that move elements, over random shapes and random knowledge of the inputs: always compatible
 * with the shape at run time, and exact when everything that decides it is known.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import { expandDims, invertPermutation, reshape, reverse, roll, squeeze, transpose } from '../../graph/ops/array';
import { batchToSpaceND, spaceToBatchND } from '../../graph/ops/blocks';
import { broadcastTo } from '../../graph/ops/broadcast';
import { eye, matrixDiag, matrixDiagPart, matrixSetDiag } from '../../graph/ops/diagonals';
import { gather, gatherNd } from '../../graph/ops/gather';
import { concat, split, stack, unstack } from '../../graph/ops/joining';
import { booleanMask, sequenceMask } from '../../graph/ops/masking';
import { pad, tile } from '../../graph/ops/padding';
import { dynamicPartition, dynamicStitch } from '../../graph/ops/partition';
import { oneHot, topK, unique } from '../../graph/ops/picking';
import { scatterNd, tensorScatterNdAdd } from '../../graph/ops/scatter';
import { segmentSum, unsortedSegmentSum } from '../../graph/ops/segment';
import { range, shape as shapeOf, size } from '../../graph/ops/shapes';
import { slice, stridedSlice } from '../../graph/ops/slice';
import '../../graph/ops/slicing';
import { constant, fill, placeholder, placeholderWithDefault } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { Session } from '../../runtime/session';
import { i32 } from '../support/opCase';

/** What the graph knows of an input. */
type Knowledge = 'value' | 'some elements' | 'shape' | 'some dimensions' | 'rank' | 'nothing';

interface Sample {
  readonly inputs: readonly NdArray[];
  /** Builds from the inputs; numbers that are attributes are closed over. */
  readonly build: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
}

interface Row {
  readonly samples: fc.Arbitrary<Sample>;
  /** The inputs whose values, not only shapes, decide the shape of the result. */
  readonly deciding?: readonly number[];
  /** The result's shape depends on data: it cannot be known even then. */
  readonly open?: true;
}

const dims = (rank: { min?: number; max?: number } = {}) =>
  fc.array(fc.integer({ min: 0, max: 4 }), { minLength: rank.min ?? 0, maxLength: rank.max ?? 4 });
const filled = (minimum = 1) => fc.array(fc.integer({ min: 1, max: 3 }), { minLength: minimum, maxLength: 3 });
const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);
const upTo = (shape: readonly number[]) =>
  NdArray.from({ data: Int32Array.from({ length: count(shape) }, (_, i) => i), shape });
/** Whole numbers below `limit`, in the given shape. */
const below = (limit: number, shape: readonly number[]) =>
  fc
    .array(fc.nat(limit - 1), { minLength: count(shape), maxLength: count(shape) })
    .map((data) => NdArray.from({ data: Int32Array.from(data), shape }));
const axisOf = (shape: readonly number[]) => fc.integer({ min: -shape.length, max: shape.length - 1 });
/** A list of numbers as an int32 vector, also when it is empty. */
const vector = (values: readonly number[]) => NdArray.from({ data: Int32Array.from(values), shape: [values.length] });
const numbers = (min: number, max: number, length: number) =>
  fc.array(fc.integer({ min, max }), { minLength: length, maxLength: length });

const rows: Record<string, Row> = {
  reshape: {
    deciding: [1],
    samples: dims().chain((from) =>
      fc
        .tuple(fc.shuffledSubarray([...from, 1, 1], { minLength: from.length + 2 }), fc.option(fc.nat(5)))
        .map(([to, hole]) => {
          const target = count(from) > 0 && hole !== null && hole < to.length ? to.with(hole, -1) : to;
          return { inputs: [upTo(from), vector(target)], build: (x, shape) => reshape(x, shape) };
        }),
    ),
  },
  squeeze: {
    samples: fc
      .array(fc.integer({ min: 1, max: 2 }), { maxLength: 4 })
      .chain((shape) => {
        const ones = shape.flatMap((dim, i) => (dim === 1 ? [i, i - shape.length] : []));
        return fc.tuple(fc.constant(shape), fc.option(fc.subarray(ones)));
      })
      .map(([shape, axes]) => ({ inputs: [upTo(shape)], build: (x) => squeeze(x, axes) })),
  },
  expandDims: {
    deciding: [1],
    samples: dims()
      .chain((shape) => fc.tuple(fc.constant(shape), fc.integer({ min: -shape.length - 1, max: shape.length })))
      .map(([shape, axis]) => ({ inputs: [upTo(shape), i32(axis)], build: (x, at) => expandDims(x, at) })),
  },
  transpose: {
    deciding: [1],
    samples: dims()
      .chain((shape) =>
        fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
      )
      .map(([shape, perm]) => ({ inputs: [upTo(shape), vector(perm)], build: (x, order) => transpose(x, order) })),
  },
  'transpose by an inverted permutation': {
    deciding: [1],
    samples: dims({ min: 1 })
      .chain((shape) =>
        fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
      )
      .map(([shape, perm]) => ({
        inputs: [upTo(shape), vector(perm)],
        build: (x, order) => transpose(x, invertPermutation(order)),
      })),
  },
  'reverse and roll': {
    samples: dims({ min: 1 })
      .chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape)))
      .map(([shape, axis]) => ({
        inputs: [upTo(shape), vector([axis])],
        build: (x, axes) => [reverse(x, axes), roll(x, vector([1]), axes)],
      })),
  },
  concat: {
    samples: dims({ min: 1 })
      .chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape), numbers(0, 3, 2)))
      .map(([shape, axis, others]) => ({
        inputs: [upTo(shape), ...others.map((dim) => upTo(shape.with(axis, dim)))],
        build: (...parts) => concat(parts, axis),
      })),
  },
  'split evenly': {
    samples: dims({ min: 1 })
      .chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape), fc.integer({ min: 1, max: 3 })))
      .map(([shape, axis, parts]) => ({
        inputs: [upTo(shape.with(axis, (shape.at(axis) as number) * parts))],
        build: (x) => split(x, parts, { axis }),
      })),
  },
  'split by sizes': {
    deciding: [1],
    samples: dims({ min: 1 })
      .chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape), numbers(0, 2, 3), fc.option(fc.nat(2))))
      .map(([shape, axis, sizes, hole]) => ({
        inputs: [
          upTo(
            shape.with(
              axis,
              sizes.reduce((a, b) => a + b),
            ),
          ),
          vector(hole === null ? sizes : sizes.with(hole, -1)),
        ],
        build: (x, each) => split(x, each, { axis, num: 3 }),
      })),
  },
  'stack and unstack': {
    samples: dims({ max: 3 })
      .chain((shape) => fc.tuple(fc.constant(shape), fc.integer({ min: -shape.length - 1, max: shape.length })))
      .map(([shape, axis]) => ({
        inputs: [upTo(shape), upTo(shape)],
        build: (a, b) => {
          const both = stack([a, b], { axis });
          return [both, ...unstack(both, { num: 2, axis })];
        },
      })),
  },
  pad: {
    deciding: [1],
    samples: dims({ min: 1 })
      .chain((shape) => fc.tuple(fc.constant(shape), numbers(0, 2, 2 * shape.length)))
      .map(([shape, paddings]) => ({
        inputs: [upTo(shape), NdArray.from({ data: Int32Array.from(paddings), shape: [shape.length, 2] })],
        build: (x, by) => [pad(x, by), pad(x, by, { constantValues: 7 })],
      })),
  },
  'pad by reflection': {
    deciding: [1],
    samples: fc
      .array(fc.integer({ min: 2, max: 4 }), { minLength: 1, maxLength: 3 })
      .chain((shape) => fc.tuple(fc.constant(shape), numbers(0, 1, 2 * shape.length)))
      .map(([shape, paddings]) => ({
        inputs: [upTo(shape), NdArray.from({ data: Int32Array.from(paddings), shape: [shape.length, 2] })],
        build: (x, by) => [pad(x, by, { mode: 'REFLECT' }), pad(x, by, { mode: 'SYMMETRIC' })],
      })),
  },
  tile: {
    deciding: [1],
    samples: dims()
      .chain((shape) => fc.tuple(fc.constant(shape), numbers(0, 3, shape.length)))
      .map(([shape, times]) => ({ inputs: [upTo(shape), vector(times)], build: (x, by) => tile(x, by) })),
  },
  'broadcastTo and fill': {
    deciding: [1],
    samples: dims().map((shape) => ({
      inputs: [i32(3), vector(shape)],
      build: (x, to) => [broadcastTo(x, to), fill(to, x)],
    })),
  },
  slice: {
    deciding: [1, 2],
    samples: dims()
      .chain((shape) =>
        fc.tuple(
          fc.constant(shape),
          fc.tuple(...shape.map((dim) => fc.nat(dim))),
          fc.tuple(...shape.map(() => fc.double({ min: 0, max: 1, noNaN: true }))),
          fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
        ),
      )
      .map(([shape, begin, parts, rest]) => ({
        inputs: [
          upTo(shape),
          vector(begin),
          vector(shape.map((dim, i) => (rest[i] ? -1 : Math.floor(parts[i] * (dim - begin[i]))))),
        ],
        build: (x, from, length) => slice(x, from, length),
      })),
  },
  stridedSlice: {
    deciding: [1, 2, 3],
    samples: dims({ min: 1 })
      .chain((shape) =>
        fc.tuple(
          fc.constant(shape),
          numbers(-5, 5, shape.length),
          numbers(-5, 5, shape.length),
          numbers(1, 3, shape.length),
          numbers(0, 1, shape.length),
          fc.tuple(fc.nat(15), fc.nat(15)),
        ),
      )
      .map(([shape, begin, end, step, backwards, [beginMask, endMask]]) => ({
        inputs: [upTo(shape), vector(begin), vector(end), vector(step.map((by, i) => (backwards[i] ? -by : by)))],
        build: (x, from, to, by) => stridedSlice(x, from, to, by, { beginMask, endMask }),
      })),
  },
  gather: {
    samples: filled()
      .chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape), dims({ max: 2 })))
      .chain(([shape, axis, picked]) =>
        below(shape.at(axis) as number, picked).map((indices) => ({
          inputs: [upTo(shape), indices],
          build: (x: Tensor, at: Tensor) => gather(x, at, { axis }),
        })),
      ),
  },
  'gather of a batch': {
    samples: fc.tuple(filled(2), dims({ max: 1 })).chain(([shape, picked]) =>
      below(shape[1], [shape[0], ...picked]).map((indices) => ({
        inputs: [upTo(shape), indices],
        build: (x: Tensor, at: Tensor) => gather(x, at, { batchDims: 1 }),
      })),
    ),
  },
  'gatherNd and scatterNd': {
    samples: fc.tuple(filled(2), dims({ max: 2 })).chain(([shape, picked]) =>
      below(Math.min(shape[0], shape[1]), [...picked, 2]).map((indices) => ({
        inputs: [upTo(shape), indices],
        build: (x: Tensor, at: Tensor) => {
          const found = gatherNd(x, at);
          return [found, scatterNd(at, found, vector(shape)), tensorScatterNdAdd(x, at, found)];
        },
      })),
    ),
  },
  oneHot: {
    deciding: [1],
    samples: fc
      .tuple(dims({ max: 3 }), fc.integer({ min: 0, max: 4 }), fc.integer({ min: -1, max: 3 }))
      .map(([shape, depth, axis]) => ({
        inputs: [upTo(shape), i32(depth)],
        build: (x, n) => oneHot(x, n, { axis: Math.min(axis, shape.length) }),
      })),
  },
  topK: {
    deciding: [1],
    samples: filled()
      .chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.at(-1) as number)))
      .map(([shape, k]) => ({
        inputs: [upTo(shape), i32(k)],
        build: (x, n) => {
          const { values, indices } = topK(x, n);
          return [values, indices];
        },
      })),
  },
  'what data decides': {
    open: true,
    samples: fc.nat(4).chain((n) =>
      fc.tuple(below(2, [n]), dims({ max: 2 })).map(([choice, rest]) => ({
        inputs: [upTo([n, ...rest]), choice],
        build: (x: Tensor, which: Tensor) => [
          ...dynamicPartition(x, which, 2),
          booleanMask(x, reshape(which, [-1]).cast(dtypes.bool)),
          unique(which).y,
        ],
      })),
    ),
  },
  dynamicStitch: {
    deciding: [0, 1],
    samples: fc
      .tuple(fc.integer({ min: 1, max: 4 }), dims({ max: 2 }))
      .chain(([n, rest]) =>
        fc.tuple(
          fc.shuffledSubarray([...Array(n).keys()], { minLength: n }),
          fc.nat(n),
          fc.constant(rest),
          fc.constant(n),
        ),
      )
      .map(([order, cut, rest, n]) => ({
        inputs: [vector(order.slice(0, cut)), vector(order.slice(cut)), upTo([cut, ...rest]), upTo([n - cut, ...rest])],
        build: (i, j, a, b) => dynamicStitch([i, j], [a, b]),
      })),
  },
  segmentSum: {
    open: true,
    samples: dims({ max: 2 }).chain((rest) =>
      fc.nat(4).chain((n) =>
        below(3, [n]).map((ids) => ({
          inputs: [upTo([n, ...rest]), vector([...(ids.data as Int32Array)].sort())],
          build: (x: Tensor, to: Tensor) => segmentSum(x, to),
        })),
      ),
    ),
  },
  unsortedSegmentSum: {
    deciding: [2],
    samples: fc.tuple(dims({ max: 2 }), dims({ max: 2 })).chain(([segmented, rest]) =>
      below(3, segmented).map((ids) => ({
        inputs: [upTo([...segmented, ...rest]), ids, i32(3)],
        build: (x: Tensor, to: Tensor, n: Tensor) => unsortedSegmentSum(x, to, n),
      })),
    ),
  },
  'range, eye and sequenceMask': {
    deciding: [0, 1, 2],
    samples: fc
      .tuple(fc.integer({ min: -4, max: 4 }), fc.nat(4), fc.integer({ min: 1, max: 3 }))
      .map(([start, length, delta]) => ({
        inputs: [i32(start), i32(start + length), i32(delta)],
        build: (from, to, by) => [range(from, to, by), eye(by), sequenceMask([[1, 2]], by)],
      })),
  },
  diagonals: {
    samples: fc
      .tuple(dims({ max: 2 }), fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })))
      .chain(([batch, matrix]) =>
        fc.integer({ min: 1 - matrix[0], max: matrix[1] - 1 }).map((k) => ({
          inputs: [upTo([...batch, ...matrix])],
          build: (x: Tensor) => {
            const diagonal = matrixDiagPart(x, { k });
            return [diagonal, matrixSetDiag(x, diagonal, { k }), matrixDiag(diagonal)];
          },
        })),
      ),
  },
  blocks: {
    deciding: [1],
    samples: fc.tuple(numbers(0, 2, 2), numbers(1, 2, 2), dims({ max: 2 })).map(([outer, block, rest]) => ({
      inputs: [upTo([2, ...outer.map((dim, i) => dim * block[i]), ...rest]), vector(block)],
      build: (x, blocks) => {
        const by = reshape(blocks, [2]);
        const batches = spaceToBatchND(x, by, NdArray.zeros(dtypes.int32, [2, 2]));
        return [batches, batchToSpaceND(batches, by, NdArray.zeros(dtypes.int32, [2, 2]))];
      },
    })),
  },
  'arithmetic on shapes': {
    samples: dims({ min: 2 }).map((shape) => ({
      inputs: [upTo(shape)],
      build: (x) => {
        const known = shapeOf(x);
        const rows = known.at(0);
        const rest = known.at([1, null]);
        return [
          fill(known, 1),
          fill(concat([rest, stack([rows])], 0), 1),
          fill(stack([rows.mul(2), rows.add(1), known.at(-1)]), 1),
          fill(known.cast(dtypes.int64).add(constant(1, dtypes.int64)), 1),
          reshape(x, [size(x)]),
          range(rows),
          ...(count(shape) > 0 ? [reshape(x, stack([-1, known.at(-1)]))] : []),
        ];
      },
    })),
  },
};

const knowledge = fc.array(
  fc.record({
    kind: fc.constantFrom<Knowledge>('value', 'some elements', 'shape', 'some dimensions', 'rank', 'nothing'),
    mask: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  }),
  { minLength: 5, maxLength: 5 },
);

/** An input of which the graph knows this much; at run time it is `value`. */
function input(value: NdArray, kind: Knowledge, mask: readonly boolean[]): Tensor {
  if (kind === 'value') return constant(value);
  if (kind === 'some elements' && value.rank === 1 && value.size > 0)
    return stack(
      [...(value.data as Int32Array)].map((element, i) =>
        mask[i % mask.length] ? constant(i32(element)) : placeholderWithDefault(i32(element), []),
      ),
    );
  if (kind === 'some elements' || kind === 'shape') return placeholderWithDefault(value, [...value.shape]);
  if (kind === 'nothing') return placeholderWithDefault(value, null);
  return placeholderWithDefault(
    value,
    value.shape.map((dim, i) => (kind === 'some dimensions' && mask[i] ? dim : null)),
  );
}

const isKnown = (kind: Knowledge) => kind === 'value' || kind === 'some elements' || kind === 'shape';

describe('static shapes', () => {
  for (const [name, { samples, deciding = [], open }] of Object.entries(rows)) {
    it(`of ${name}`, () => {
      fc.assert(
        fc.property(samples, knowledge, ({ inputs, build }, known) => {
          const graph = new Graph();
          const built = graph.asDefault(() =>
            build(...inputs.map((value, i) => input(value, known[i].kind, known[i].mask))),
          );
          const outputs = 'op' in built ? [built] : built;
          const values = new Session({ graph }).runSync(outputs) as NdArray[];
          const exact =
            !open &&
            inputs.every((_, i) => (deciding.includes(i) ? known[i].kind === 'value' : isKnown(known[i].kind)));
          values.forEach((value, i) => {
            const { shape } = outputs[i];
            expect(shape.isCompatibleWith(value.shape), `${shape} for [${value.shape}]`).to.equal(true);
            if (exact) expect(shape.toJSON(), `output ${i}`).to.deep.equal([...value.shape]);
          });
        }),
        { numRuns: 60 },
      );
    });
  }

  it('know ranks from the lengths of vectors, and dimensions from known elements', () => {
    new Graph().asDefault(() => {
      const unknown = placeholder(dtypes.int32, []);
      const x = placeholder(dtypes.float32);
      expect(String(reshape(x, placeholder(dtypes.int32, [3])).shape)).to.equal('(None, None, None)');
      expect(String(reshape(x, stack([unknown, 2])).shape)).to.equal('(None, 2)');
      expect(String(fill(stack([3, unknown]), 1).shape)).to.equal('(3, None)');
      expect(String(broadcastTo(x, stack([unknown, 4])).shape)).to.equal('(None, 4)');
      expect(String(pad(x, placeholder(dtypes.int32, [2, 2])).shape)).to.equal('(None, None)');
      expect(String(tile(placeholder(dtypes.float32, [2, 3]), stack([unknown, 2])).shape)).to.equal('(None, 6)');
      expect(String(slice(x, [0, 1], stack([unknown, 2])).shape)).to.equal('(None, 2)');
      expect(
        String(gatherNd(placeholder(dtypes.float32, [2, 3, 4]), placeholder(dtypes.int32, [null, 2])).shape),
      ).to.equal('(None, 4)');
    });
  });
});
