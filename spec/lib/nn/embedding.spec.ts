/**
 * Rows of embedding tables: values, sparse gradients, clipping, and what is refused.
 */
import { expect } from 'chai';
import { float64 } from '../../../graph/dtypes';
import { InvalidArgumentError, NotImplementedError, ValueError } from '../../../graph/errors';
import { gradients } from '../../../graph/gradients';
import { Graph } from '../../../graph/graph';
import { IndexedSlices } from '../../../graph/indexedSlices';
import { constant } from '../../../graph/ops/source';
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

  it('refuses missing tables, tables in parts, and rows that are not there', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const table = constant(TABLE);
      expect(() => embeddingLookup([], [0])).to.throw(ValueError, 'params must be specified');
      expect(() => embeddingLookup([table, table], [0])).to.throw(NotImplementedError, 'several parts');
      expect(() => new Session({ graph }).runSync(embeddingLookup(table, [3]))).to.throw(
        InvalidArgumentError,
        'indices[0] = 3 is not in [0, 3)',
      );
    });
  });
});
