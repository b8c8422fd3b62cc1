import { expect } from 'chai';
import fc from 'fast-check';
import { applyOp } from '../../graph/applyOp';
import { float64, int32 } from '../../graph/dtypes';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import { NdArray, sizeOf } from '../../graph/ndarray';
import { add, multiply } from '../../graph/ops/binary';
import { broadcastDynamicShape, broadcastStaticShape, broadcastTo } from '../../graph/ops/broadcast';
import { whereV2 } from '../../graph/ops/compare';
import { constant, placeholder } from '../../graph/ops/source';
import { Session } from '../../runtime/session';
import { expectClose } from '../support/close';
import { f32, f64, i32, opCase } from '../support/opCase';
import { valueCases } from '../support/valueCases';

valueCases('broadcast');

opCase('BroadcastTo', 'gradient', {
  inputs: [f64([[1], [2]])],
  build: (x) => broadcastTo(x, [3, 2, 2]),
  gradient: true,
});
opCase('BroadcastTo', 'gradient to a fed shape', {
  inputs: [f64([1, 2]), i32([3, 2])],
  build: (x, shape) => broadcastTo(x, shape),
  gradient: [0],
});
opCase('BroadcastTo', 'another length', {
  inputs: [f32([1, 2, 3])],
  build: (x) => broadcastTo(x, [2]),
  fails:
    /^Dimensions must be equal, but are 3 and 2 for '\{\{node BroadcastTo\}\}|^Incompatible shapes: \[3\] vs. \[2\]/,
});
opCase('BroadcastTo', 'a lower rank', {
  inputs: [f32([[1, 2]])],
  build: (x) => broadcastTo(x, [2]),
  fails:
    /^Shape must be at most rank 1 but is rank 2 for|^Rank of input \(2\) must be no greater than rank of output shape \(1\)\./,
});
opCase('BroadcastTo', 'a negative length', {
  inputs: [f32([1, 2]), i32([-1, 2])],
  build: (x, shape) => broadcastTo(x, shape),
  fails: /^Dimension -1 must be >= 0/,
});
opCase('BroadcastArgs', 'shapes that do not fit', {
  inputs: [i32([2, 2]), i32([3])],
  build: broadcastDynamicShape,
  fails: /^Incompatible shapes: \[2,2\] vs. \[3\]/,
});
opCase('BroadcastGradientArgs', 'shapes that do not fit', {
  inputs: [i32([2, 2]), i32([3])],
  build: (s0, s1) => applyOp('BroadcastGradientArgs', { s0, s1 }).outputs,
  fails: /^Incompatible shapes: \[2,2\] vs. \[3\]/,
});

/** Two shapes that broadcast to each other: some axes of the result missing or 1 on either side. */
const fittingShapes = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom('both', 'left', 'right')), { maxLength: 4 })
  .chain((axes) => fc.tuple(fc.constant(axes), fc.nat(axes.length), fc.boolean()))
  .map(([axes, missing, onLeft]) => {
    const left = axes.map(([dim, kept]) => (kept === 'right' ? 1 : dim));
    const right = axes.map(([dim, kept]) => (kept === 'left' ? 1 : dim));
    return onLeft ? ([left.slice(missing), right] as const) : ([left, right.slice(missing)] as const);
  });

/** What a shape may be declared as: as it is, some dimensions unknown, or of unknown rank. */
const hidden = fc.tuple(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.boolean());

const numbered = (shape: readonly number[], scale: number) =>
  new NdArray(
    float64,
    shape,
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => scale * (i + 1)),
  );

/** Element by element, from the definition of broadcasting. */
function tiled(value: NdArray, shape: readonly number[]): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, at) => {
    let [rest, offset, stride] = [at, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const index = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
      const own = axis - shape.length + value.rank;
      if (own < 0) continue;
      if (value.shape[own] !== 1) offset += index * stride;
      stride *= value.shape[own];
    }
    return value.data[offset] as number;
  });
}

describe('broadcasting', () => {
  it('equals explicit tiling, in values and in shapes', () => {
    fc.assert(
      fc.property(fittingShapes, ([a, b]) => {
        const graph = new Graph();
        graph.asDefault(() => {
          const [x, y] = [numbered(a, 1), numbered(b, -0.5)];
          const sum = add(constant(x), constant(y));
          const shape = sum.shape.asNumbers();
          const [left, right] = [tiled(x, shape), tiled(y, shape)];
          const [got, repeated] = new Session({ graph }).runSync([sum, broadcastTo(constant(x), shape)]) as NdArray[];
          expectClose(
            got,
            new NdArray(
              float64,
              shape,
              Float64Array.from(left, (value, i) => value + right[i]),
            ),
          );
          expectClose(repeated, new NdArray(float64, shape, Float64Array.from(left)));
        });
      }),
      { numRuns: 150 },
    );
  });

  it('infers shapes that those at run time fit', () => {
    fc.assert(
      fc.property(
        fittingShapes,
        hidden,
        hidden,
        fc.constantFrom('binary', 'select', 'args'),
        ([a, b], hideA, hideB, kind) => {
          const graph = new Graph();
          graph.asDefault(() => {
            const declare = (shape: readonly number[], [unknown, noRank]: [boolean[], boolean]) =>
              placeholder(float64, noRank ? null : shape.map((dim, i) => (unknown[i] ? null : dim)));
            const [x, y] = [declare(a, hideA), declare(b, hideB)];
            const feed = [
              [x, numbered(a, 1)],
              [y, numbered(b, 2)],
            ] as const;
            const build = {
              binary: () => multiply(x, y),
              select: () => whereV2(x.greater(2), x, y),
              args: () => broadcastDynamicShape(constant(a, { dtype: int32 }), constant(b, { dtype: int32 })),
            }[kind];
            const result = build();
            const [got] = new Session({ graph }).runSync([result], { feed }) as NdArray[];
            expect(result.shape.isCompatibleWith(got.shape), `${result.shape} for [${got.shape}]`).to.equal(true);
            if (kind === 'args')
              expect(Array.from(got.data as Int32Array)).to.deep.equal(broadcastStaticShape(a, b).asNumbers());
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('fails alike while building and while running', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
        (a, b) => {
          const graph = new Graph();
          graph.asDefault(() => {
            const [x, y] = [placeholder(float64), placeholder(float64)];
            const run = () =>
              new Session({ graph }).runSync([add(x, y)], {
                feed: [
                  [x, numbered(a, 1)],
                  [y, numbered(b, 1)],
                ],
              });
            let fits = true;
            try {
              broadcastStaticShape(a, b);
            } catch {
              fits = false;
            }
            if (fits) expect(run).not.to.throw();
            else {
              expect(run).to.throw(Error, `Incompatible shapes: [${a}] vs. [${b}]`);
              expect(() => add(constant(numbered(a, 1)), constant(numbered(b, 1)))).to.throw(
                Error,
                'Dimensions must be equal, but are',
              );
            }
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives gradients of the shapes of the operands', () => {
    fc.assert(
      fc.property(fittingShapes, fc.boolean(), ([a, b], known) => {
        const graph = new Graph();
        graph.asDefault(() => {
          const [x, y] = [a, b].map((shape) => placeholder(float64, known ? shape : null));
          const [gx, gy] = gradients(add(x, y), [x, y]);
          const feed = [
            [x, numbered(a, 1)],
            [y, numbered(b, 1)],
          ] as const;
          const [left, right] = new Session({ graph }).runSync([gx, gy] as never, { feed }) as unknown as NdArray[];
          const shape = broadcastStaticShape(a, b).asNumbers();
          // Each element of an operand stands in that many elements of the sum.
          for (const [got, own] of [
            [left, a],
            [right, b],
          ] as const) {
            expect([...got.shape]).to.deep.equal([...own]);
            for (const value of got.data as Float64Array) expect(value).to.equal(sizeOf(shape) / sizeOf(own));
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  it('of static shapes says what does not fit', () => {
    expect(() => broadcastStaticShape([2, 3], [4])).to.throw(
      Error,
      'Incompatible shapes for broadcasting. Two shapes are compatible if for each dimension pair they are either equal or one of them is 1. Received: (2, 3) and (4,).',
    );
    expect(String(broadcastStaticShape([null, 1], [3, 4]))).to.equal('(3, 4)');
  });
});
