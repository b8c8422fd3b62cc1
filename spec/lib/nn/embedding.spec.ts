/**
 * Rows of embedding tables: values, sparse gradients, clipping, and what is refused.
 */
import { expect } from 'chai';
import { float64 } from '../../../graph/dtypes';
import { InvalidArgumentError, ValueError } from '../../../graph/errors';
import { gradients } from '../../../graph/gradients';
import { Graph } from '../../../graph/graph';
import { IndexedSlices } from '../../../graph/indexedSlices';
import { constant, placeholderWithDefault } from '../../../graph/ops/source';
import { embeddingLookup } from '../../../lib/nn/embedding';
import { Variable } from '../../../lib/variables/variable';
import { Session } from '../../../runtime/session';

const TABLE = [
  [3, 4],
  [0, 1],
  [6, 8],
];

describe('lib: embeddingLookup', () => {
  it('finds rows of variables and of tensors', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const variable = new Variable(TABLE);
      const ids = [
        [2, 0],
        [2, 1],
      ];
      const session = new Session({ graph });
      session.runSync(variable.initializer);
      const want = [
        [
          [6, 8],
          [3, 4],
        ],
        [
          [6, 8],
          [0, 1],
        ],
      ];
      for (const table of [variable, constant(TABLE), [variable]]) {
        expect(session.runSync(embeddingLookup(table, ids)).toArray()).to.deep.equal(want);
      }
    });
  });

  it('has a gradient of the rows that were used', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const variable = new Variable(TABLE, { dtype: float64 });
      const rows = embeddingLookup(variable, [2, 0, 2]);
      const [gradient] = gradients(rows.mul(rows), [variable]) as IndexedSlices[];
      expect(gradient).to.be.instanceOf(IndexedSlices);
      const session = new Session({ graph });
      session.runSync(variable.initializer);
      const [values, indices] = session.runSync([gradient.values, gradient.indices]);
      expect(values.toArray()).to.deep.equal([
        [12, 16],
        [6, 8],
        [12, 16],
      ]);
      expect(indices.toArray()).to.deep.equal([2, 0, 2]);
    });
  });

  it('scales long rows down', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const rows = embeddingLookup(constant(TABLE), [0, 1, 2], { maxNorm: 5 });
      const value = new Session({ graph }).runSync(rows).toArray() as number[][];
      [
        [3, 4],
        [0, 1],
        [3, 4],
      ].forEach((row, i) => row.forEach((want, j) => expect(value[i][j]).to.be.closeTo(want, 1e-6)));
    });
  });

  it('finds rows in the parts of a table, dealt in turn or in ranges', () => {
    const rows = Array.from({ length: 7 }, (_, i) => [i, 10 * i]);
    const dealt = [0, 1, 2].map((part) => rows.filter((_, i) => i % 3 === part));
    const ranges = [rows.slice(0, 3), rows.slice(3, 5), rows.slice(5)];
    const ids = [
      [6, 0, 3],
      [4, 4, 2],
    ];
    const want = ids.map((line) => line.map((id) => rows[id]));
    for (const [strategy, parts] of [
      ['mod', dealt],
      ['div', ranges],
    ] as const) {
      const graph = new Graph();
      graph.asDefault(() => {
        const session = new Session({ graph });
        const tensors = parts.map((part) => constant(part));
        const variables = parts.map((part) => new Variable(part, { dtype: float64 }));
        session.runSync(variables.map((variable) => variable.initializer));
        const unknown = tensors.map((part) => placeholderWithDefault(part, [null, 2]));
        for (const tables of [tensors, variables, unknown]) {
          const found = embeddingLookup(tables, ids, { partitionStrategy: strategy });
          expect(session.runSync(found).toArray(), strategy).to.deep.equal(want);
          expect(found.shape.asList()).to.deep.equal([2, 3, 2]);
        }
      });
    }
  });

  it('has gradients by the parts of a table', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const parts = [TABLE, TABLE].map((part) => new Variable(part, { dtype: float64 }));
      const found = gradients(embeddingLookup(parts, [1, 4, 1]), parts) as IndexedSlices[];
      const session = new Session({ graph });
      session.runSync(parts.map((part) => part.initializer));
      const indices = found.map((gradient) => session.runSync(gradient.indices).toArray());
      expect(indices).to.deep.equal([[2], [0, 0]]);
    });
  });

  it('refuses missing tables, unknown strategies, and rows that are not there', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const table = constant(TABLE);
      expect(() => embeddingLookup(null as never, [0])).to.throw(ValueError, 'params must be specified');
      expect(() => embeddingLookup([], [0])).to.throw(
        ValueError,
        'Length of params is currently 0. Need at least one param.',
      );
      expect(() => embeddingLookup([table, table], [0], { partitionStrategy: 'foo' as never })).to.throw(
        ValueError,
        'Unrecognized partition strategy: foo.Must be one of either `mod` or `div`.',
      );
      expect(() => new Session({ graph }).runSync(embeddingLookup(table, [3]))).to.throw(
        InvalidArgumentError,
        'indices[0] = 3 is not in [0, 3)',
      );
    });
  });
});
