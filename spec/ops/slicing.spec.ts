/**
 * Python's brackets on tensors: against a plain implementation of numpy's slicing on nested lists, over random shapes and
 * items; and the errors.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import { newaxis, type SliceItem } from '../../graph/ops/brackets';
import '../../graph/ops/slicing';
import { constant, placeholder } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { Session } from '../../runtime/session';

type Item = { index: number } | { range: readonly (number | null)[] } | 'newaxis' | 'ellipsis';

/** The positions that `range(n)[start:stop:step]` holds, by Python's definition. */
function positions([start, stop, step]: readonly (number | null)[], n: number): number[] {
  const by = step ?? 1;
  const clamp = (at: number) => (at < 0 ? Math.max(at + n, by < 0 ? -1 : 0) : Math.min(at, by < 0 ? n - 1 : n));
  const from = start === null ? (by < 0 ? n - 1 : 0) : clamp(start);
  const to = stop === null ? (by < 0 ? -1 : n) : clamp(stop);
  const found: number[] = [];
  for (let at = from; by > 0 ? at < to : at > to; at += by) found.push(at);
  return found;
}

interface Nested {
  readonly shape: readonly number[];
  /** The element at a position. */
  at(position: readonly number[]): number;
}

/** The plain implementation: one item after the other, an axis at a time. */
function reference(value: Nested, items: readonly Item[]): Nested {
  const real = items.filter((item) => typeof item === 'object').length;
  const all: Item[] = items.includes('ellipsis') ? [...items] : [...items, 'ellipsis'];
  const full = all.flatMap((item): Item[] =>
    item === 'ellipsis'
      ? Array.from({ length: value.shape.length - real }, () => ({ range: [null, null, null] }))
      : [item],
  );
  const shape: number[] = [];
  /** For each axis of the input, how to find its position from that of the result. */
  const axes: ((position: readonly number[]) => number)[] = [];
  for (const item of full) {
    if (item === 'newaxis') shape.push(1);
    else if (typeof item === 'object' && 'index' in item) {
      const n = value.shape[axes.length];
      const at = item.index < 0 ? item.index + n : item.index;
      if (at < 0 || at >= n) throw new Error('out of bounds');
      axes.push(() => at);
    } else if (typeof item === 'object') {
      const picked = positions(item.range, value.shape[axes.length]);
      const place = shape.length;
      shape.push(picked.length);
      axes.push((position) => picked[position[place]]);
    }
  }
  return { shape, at: (position) => value.at(axes.map((axis) => axis(position))) };
}

function flatten({ shape, at }: Nested): number[] {
  const out: number[] = [];
  const walk = (position: readonly number[]): void => {
    if (position.length === shape.length) out.push(at(position));
    else for (let i = 0; i < shape[position.length]; i++) walk([...position, i]);
  };
  walk([]);
  return out;
}

const bound = fc.option(fc.integer({ min: -6, max: 6 }));
const step = fc.option(fc.integer({ min: -3, max: 3 }).filter((by) => by !== 0));
const item: fc.Arbitrary<Item> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ index: fc.integer({ min: -4, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ range: fc.tuple(bound, bound, step) }) },
  { weight: 1, arbitrary: fc.constant<Item>('newaxis') },
);

/** A shape, and items that fit its rank. */
const slices = fc
  .array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      items: fc.array(item, { maxLength: 6 }).map((items) => {
        let left = shape.length;
        return items.filter((each) => typeof each !== 'object' || left-- > 0);
      }),
      ellipsisAt: fc.option(fc.nat(5)),
    }),
  )
  .map(({ shape, items, ellipsisAt }) => ({
    shape,
    items: ellipsisAt === null ? items : items.toSpliced(Math.min(ellipsisAt, items.length), 0, 'ellipsis'),
  }));

function asArguments(items: readonly Item[]): SliceItem[] {
  return items.map((each) => {
    if (each === 'newaxis') return newaxis;
    if (each === 'ellipsis') return '...';
    return 'index' in each ? each.index : ([...each.range] as unknown as SliceItem);
  });
}

function asText(items: readonly Item[]): string {
  return items
    .map((each) => {
      if (each === 'newaxis') return 'newaxis';
      if (each === 'ellipsis') return '...';
      return 'index' in each ? String(each.index) : each.range.map((value) => value ?? '').join(':');
    })
    .join(', ');
}

const upTo = (shape: readonly number[]) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return NdArray.from({ data: Int32Array.from({ length: size }, (_, i) => i), shape });
};

function nested(shape: readonly number[]): Nested {
  return { shape, at: (position) => position.reduce((flat, at, axis) => flat * shape[axis] + at, 0) };
}

describe('slicing', () => {
  it('agrees with numpy, and the static shape with the shape at run time', () => {
    fc.assert(
      fc.property(slices, ({ shape, items }) => {
        const graph = new Graph();
        let want: Nested | null = null;
        try {
          want = reference(nested(shape), items);
        } catch {
          want = null;
        }
        graph.asDefault(() => {
          const x = constant(upTo(shape));
          const fed = placeholder(
            dtypes.int32,
            shape.map(() => null),
          );
          const unranked = placeholder(dtypes.int32);
          const args = asArguments(items);
          const build = [
            () => x.at(...args),
            () => (items.length > 0 ? x.at(asText(items)) : x.at()),
            () => fed.at(...args),
            () => unranked.at(...args),
          ];
          const session = new Session({ graph });
          const feed = [
            [fed, upTo(shape)],
            [unranked, upTo(shape)],
          ] as const;
          for (const make of build) {
            if (want === null) {
              expect(() => session.runSync(make(), { feed })).to.throw(/out of bounds/);
              continue;
            }
            const tensor = make();
            const value = session.runSync(tensor, { feed }) as NdArray;
            expect([...value.shape]).to.deep.equal(want.shape);
            expect(Array.from(value.data as Int32Array)).to.deep.equal(flatten(want));
            expect(tensor.shape.isCompatibleWith(value.shape)).to.equal(true);
            if (tensor.op.inputs[0] === x) expect(tensor.shape.toJSON()).to.deep.equal(want.shape);
          }
        });
      }),
      { numRuns: 200 },
    );
  });

  it('takes tensors as indices and bounds', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const x = constant(upTo([4, 3]));
      const i = placeholder(dtypes.int32, []);
      const j = placeholder(dtypes.int64, []);
      const session = new Session({ graph });
      const value = (tensor: Tensor) =>
        (
          session.runSync(tensor, {
            feed: [
              [i, 2],
              [j, -1],
            ],
          }) as NdArray
        ).toArray();
      expect(value(x.at(i))).to.deep.equal([6, 7, 8]);
      expect(value(x.at(j, 1))).to.equal(10);
      expect(value(x.at([i, null], 0))).to.deep.equal([6, 9]);
      expect(value(x.at([null, j], [null, null, j]))).to.deep.equal([
        [2, 1, 0],
        [5, 4, 3],
        [8, 7, 6],
      ]);
      expect(String(x.at(i).shape)).to.equal('(3,)');
      expect(String(x.at([null, i]).shape)).to.equal('(None, 3)');
      expect(x.at(j).op.inputs[1].dtype).to.equal(dtypes.int64);
    });
  });

  it('takes a mask', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const x = constant([1, -2, 3]);
      const kept = new Session({ graph }).runSync([x.at(constant([true, false, true])), x.at([false, false, true])]);
      expect(kept.map((value) => (value as NdArray).toArray())).to.deep.equal([[1, 3], [3]]);
      expect(() => x.at(constant(true))).to.throw('mask cannot be scalar.');
      expect(() => x.at([true, false])).to.throw('Shapes (3,) and (2,) are incompatible');
      expect(() => x.at(placeholder(dtypes.bool))).to.throw(/^Number of mask dimensions must be specified/);
    });
  });

  it('refuses what is no index, and leaves the graph as it was', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const x = constant(upTo([4, 3]));
      const valid =
        'Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are valid indices, got ';
      expect(() => x.at(1.5)).to.throw(TypeError, `${valid}1.5`);
      expect(() => x.at([0.5, 1])).to.throw(TypeError, `${valid}0.5`);
      expect(() => x.at(constant([0, 1], dtypes.int32))).to.throw(TypeError, valid);
      expect(() => x.at(constant(0))).to.throw(TypeError, valid);
      expect(() => x.at([1] as never)).to.throw(TypeError, `${valid}[1]`);
      expect(() => x.at('1:2:3:4')).to.throw("Cannot read '1:2:3:4' in the slice");
      expect(() => x.at('0, x')).to.throw("Cannot read 'x' in the slice '0, x'");
      expect(() => x.at('')).to.throw("Cannot read ''");
      const before = graph.operations.length;
      expect(() => x.at(4)).to.throw(/^slice index 4 of dimension 0 out of bounds\. for '\{\{node strided_slice\}\}/);
      expect(() => x.at(0, 0, 0)).to.throw(/^Index out of range using input dim 2; input has only 2 dims for/);
      expect(() => x.at('...', 0, '...')).to.throw(/^Multiple ellipses in slice spec not allowed for/);
      expect(graph.operations.length).to.equal(before);
    });
  });
});
