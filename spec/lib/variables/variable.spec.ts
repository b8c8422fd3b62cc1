/**
 * tf.Variable: what it knows, what sessions do with it, and what it refuses. Its nodes are compared in
 * variables.golden.spec.ts.
 */
import { expect } from 'chai';
import { cond } from '../../../graph/controlFlow/cond';
import { convertToTensor } from '../../../graph/convert';
import { float32, float64, int32, int64 } from '../../../graph/dtypes';
import {
  FailedPreconditionError,
  GraphTypeError,
  InvalidArgumentError,
  OutOfRangeError,
  ValueError,
} from '../../../graph/errors';
import { gradients } from '../../../graph/gradients';
import { Graph } from '../../../graph/graph';
import { IndexedSlices } from '../../../graph/indexedSlices';
import { constant, identity, ones, placeholder, zeros } from '../../../graph/ops/source';
import type { Tensor } from '../../../graph/tensor';
import { globalVariables, globalVariablesInitializer, trainableVariables } from '../../../lib/variables/collections';
import { VariableSynchronization } from '../../../lib/variables/modes';
import { Variable } from '../../../lib/variables/variable';
import { Session } from '../../../runtime/session';
import '../../../runtime/eval';

/** Runs `body` in a fresh graph with a session on it. */
function fresh<R>(body: (session: Session, graph: Graph) => R): R {
  const graph = new Graph();
  return graph.asDefault(() => body(new Session({ graph }), graph));
}

const initialised = (session: Session) => session.runSync(globalVariablesInitializer());

describe('lib: Variable', () => {
  it('tells what it is', () => {
    fresh((_, graph) => {
      const constraint = (value: Tensor) => value;
      const v = new Variable([1, 2], { name: 'v', constraint, dtype: float64 });
      expect([v.name, v.dtype, v.shape.dims, v.trainable, v.graph, v.device, v.constraint]).to.deep.equal([
        'v:0',
        float64,
        [2],
        true,
        graph,
        '',
        constraint,
      ]);
      expect([v.op.type, v.handle, v.initializer.name, v.initialValue.name]).to.deep.equal([
        'VarHandleOp',
        v.op.output,
        'v/Assign',
        'v/Initializer/initial_value:0',
      ]);
      expect(String(v)).to.equal("<tf.Variable 'v:0' shape=(2,) dtype=float64>");
      expect(graph.asGraphElement(v)).to.equal(graph.getTensorByName('v/Read/ReadVariableOp:0'));
      expect(() => Number(v)).to.throw(GraphTypeError, 'JavaScript number');
      v.setShape([2]);
      expect(() => v.setShape([3])).to.throw(ValueError, 'Shapes (2,) and (3,) are not compatible');
    });
  });

  it('holds its value from run to run, for each session', () => {
    fresh((session, graph) => {
      const v = new Variable([1, 2]);
      expect(() => session.runSync(v)).to.throw(FailedPreconditionError, 'Could not find variable Variable.');
      initialised(session);
      session.runSync(v.assignAdd([10, 20], { readValue: false }));
      expect(session.runSync(v).toArray()).to.deep.equal([11, 22]);
      const other = new Session({ graph });
      initialised(other);
      expect(other.runSync(v).toArray()).to.deep.equal([1, 2]);
    });
  });

  it('returns the value after an assignment', () => {
    fresh((session) => {
      const v = new Variable(1, { name: 'v' });
      const [assigned, added, subtracted] = [v.assign(5), v.assignAdd(2), v.assignSub(3)];
      initialised(session);
      expect(session.runSync(assigned).item()).to.equal(5);
      expect(session.runSync(added).item()).to.equal(7);
      expect(session.runSync(subtracted.mul(10)).item()).to.equal(40);
      expect([added.name, String(added), added.op.type]).to.deep.equal([
        'AssignAddVariableOp',
        "<tf.Variable 'AssignAddVariableOp' shape=() dtype=float32>",
        'AssignAddVariableOp',
      ]);
      expect(() => added.initializer).to.throw(ValueError, 'has no initializer of its own');
    });
  });

  it('orders assignments that follow one another', () => {
    fresh((session) => {
      const v = new Variable(1);
      const last = v.assign(2).assignAdd(3).assignSub(1);
      initialised(session);
      expect(session.runSync(last).item()).to.equal(4);
    });
  });

  it('updates rows and elements', () => {
    fresh((session) => {
      const v = new Variable([1, 2, 3], { name: 'v' });
      const slices = new IndexedSlices(constant([10, 20]), constant(Int32Array.of(0, 2)));
      const run = (changed: Variable) => {
        session.runSync(v.initializer);
        return session.runSync(changed).toArray();
      };
      expect(run(v.scatterAdd(slices))).to.deep.equal([11, 2, 23]);
      expect(run(v.scatterSub(slices))).to.deep.equal([-9, 2, -17]);
      expect(run(v.scatterMul(slices))).to.deep.equal([10, 2, 60]);
      expect(run(v.scatterMin(slices))).to.deep.equal([1, 2, 3]);
      expect(run(v.scatterMax(slices))).to.deep.equal([10, 2, 20]);
      expect(run(v.scatterUpdate(slices))).to.deep.equal([10, 2, 20]);
      expect((run(v.scatterDiv(slices)) as number[])[0]).to.be.closeTo(0.1, 1e-7);
      expect(run(v.scatterNdAdd([[1]], [5]))).to.deep.equal([1, 7, 3]);
      expect(run(v.scatterNdSub([[1]], [5]))).to.deep.equal([1, -3, 3]);
      expect(run(v.scatterNdUpdate([[1]], [5]))).to.deep.equal([1, 5, 3]);
      expect(() => v.scatterAdd(3 as never)).to.throw(
        GraphTypeError,
        'Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: 3',
      );
    });
  });

  it('reads rows and elements', () => {
    fresh((session) => {
      const v = new Variable([
        [1, 2],
        [3, 4],
      ]);
      initialised(session);
      const [rows, elements] = session.runSync([v.sparseRead([1, 0, 1]), v.gatherNd([[1, 0]])]);
      expect(rows.toArray()).to.deep.equal([
        [3, 4],
        [1, 2],
        [3, 4],
      ]);
      expect(elements.toArray()).to.deep.equal([3]);
    });
  });

  it('assigns parts', () => {
    fresh((session, graph) => {
      const v = new Variable(
        [
          [1, 2],
          [3, 4],
        ],
        { name: 'v' },
      );
      const row = v.assignAt([0], [5, 6]);
      const column = graph.nameScope('ns', () => v.assignAt([':', 1], 9));
      initialised(session);
      expect(session.runSync(row).toArray()).to.deep.equal([
        [5, 6],
        [3, 4],
      ]);
      expect(session.runSync(column).toArray()).to.deep.equal([
        [5, 9],
        [3, 9],
      ]);
      // As in TensorFlow, the scope around comes twice.
      expect([row.op.name, column.op.name]).to.deep.equal(['strided_slice/_assign', 'ns/ns/strided_slice/_assign']);
      expect(session.runSync(v.at(1, 0)).item()).to.equal(3);
    });
  });

  it('counts up to a limit', () => {
    fresh((session) => {
      const next = new Variable(0, { dtype: int64 }).countUpTo(1);
      initialised(session);
      expect(session.runSync(next).item()).to.equal(0n);
      expect(() => session.runSync(next)).to.throw(OutOfRangeError);
    });
  });

  it('evaluates and loads in the default session', () => {
    fresh((session, graph) => {
      const v = new Variable([1, 2]);
      const before = graph.operations.length;
      v.load([3, 4], session);
      expect(graph.operations.length).to.equal(before);
      expect(v.eval({ session }).toArray()).to.deep.equal([3, 4]);
      session.asDefault(() => {
        v.load([5, 6]);
        expect(v.eval().toArray()).to.deep.equal([5, 6]);
      });
      expect(() => v.eval()).to.throw(ValueError, 'No default session is registered');
    });
  });

  it('takes functions that make its initial value', () => {
    fresh((session) => {
      const v = new Variable(() => ones([2]).mul(3), { name: 'v' });
      expect(v.initialValue.name).to.equal('v/Initializer/mul:0');
      initialised(session);
      expect(session.runSync(v).toArray()).to.deep.equal([3, 3]);
    });
  });

  it('starts from the value of another variable', () => {
    fresh((session) => {
      const a = new Variable(2, { name: 'a' });
      const b = new Variable(a.initializedValue().mul(10), { name: 'b' });
      session.runSync(b.initializer);
      expect(session.runSync(b).item()).to.equal(20);
      session.runSync(a.assign(3, { readValue: false }));
      session.runSync(b.initializer);
      expect(session.runSync(b).item()).to.equal(30);
    });
  });

  it('may have values of changing shapes', () => {
    fresh((session) => {
      const v = new Variable(zeros([1]), { shape: [null], validateShape: false });
      const longer = v.assign([1, 2, 3]);
      initialised(session);
      expect(session.runSync(longer).toArray()).to.deep.equal([1, 2, 3]);
      const fixed = new Variable([1, 2]);
      const x = placeholder(float32);
      const assign = fixed.assign(x, { readValue: false });
      session.runSync(fixed.initializer);
      expect(() => session.runSync(assign, { feed: [[x, [1, 2, 3]]] })).to.throw(
        InvalidArgumentError,
        'Trying to assign to variable with tensor with wrong shape. Expected [2] got [3]',
      );
    });
  });

  it('is placed in collections', () => {
    fresh((_, graph) => {
      const a = new Variable(1, { name: 'a' });
      const b = new Variable(1, { name: 'b', trainable: false });
      const c = new Variable(1, { name: 'c', collections: ['mine'] });
      const d = new Variable(1, { name: 'd', synchronization: VariableSynchronization.ON_READ });
      expect(globalVariables()).to.deep.equal([a, b, d]);
      expect(trainableVariables()).to.deep.equal([a, c]);
      expect(graph.getCollection('mine')).to.deep.equal([c]);
    });
  });

  it('belongs to the outermost graph when a branch makes it', () => {
    fresh((session, graph) => {
      const p = placeholder(int32, []);
      const made: Variable[] = [];
      const out = cond(
        p.greater(0),
        () => {
          made.push(new Variable(() => ones([2]), { name: 'x' }));
          return made[0].add(1);
        },
        () => zeros([2]),
      );
      expect(made[0].graph).to.equal(graph);
      expect(globalVariables()).to.deep.equal(made);
      initialised(session);
      expect(session.runSync(out, { feed: [[p, 1]] }).toArray()).to.deep.equal([2, 2]);
      expect(session.runSync(out, { feed: [[p, 0]] }).toArray()).to.deep.equal([0, 0]);
      const branch = () => new Variable(ones([2]), { name: 'y' }).add(1);
      expect(() => cond(p.greater(0), branch, () => zeros([2]))).to.throw(
        ValueError,
        'could not be lifted out of a `tf.function`',
      );
    });
  });

  it('is assigned inside a branch', () => {
    fresh((session) => {
      const v = new Variable(1);
      const p = placeholder(int32, []);
      const out = cond(
        p.greater(0),
        () => v.assignAdd(2).add(0),
        () => v.add(0),
      );
      initialised(session);
      expect(session.runSync(out, { feed: [[p, 0]] }).item()).to.equal(1);
      expect(session.runSync(out, { feed: [[p, 1]] }).item()).to.equal(3);
      expect(session.runSync(v).item()).to.equal(3);
    });
  });

  it('has gradients', () => {
    fresh((session) => {
      const v = new Variable([1, 2], { dtype: float64 });
      const [gradient] = gradients(v.mul(v).mul(v), [v]);
      initialised(session);
      expect(session.runSync(gradient as Tensor).toArray()).to.deep.equal([3, 12]);
    });
  });

  it('refuses bad arguments, and leaves the graph as it was', () => {
    fresh((_, graph) => {
      const refuses = (build: () => unknown, error: typeof ValueError | typeof GraphTypeError, message: string) => {
        const before = graph.operations.length;
        expect(build).to.throw(error, message);
        expect(graph.operations.length, message).to.equal(before);
        expect(globalVariables()).to.have.length(1);
      };
      const v = new Variable(1, { name: 'v' });
      const integer = constant(Int32Array.of(1));
      refuses(() => new Variable(null), ValueError, 'The `initial_value` arg to `tf.Variable` must be specified');
      refuses(
        () => new Variable(1.5, { dtype: int32 }),
        GraphTypeError,
        "Expected int32, but got 1.5 of type 'float'.",
      );
      refuses(
        () => new Variable(1, { collections: 'x' as never }),
        ValueError,
        'collections argument to Variable constructor must be a list, tuple, or set.',
      );
      refuses(
        () => new Variable(1, { constraint: 3 as never }),
        ValueError,
        'Argument `constraint` must be None or a callable.',
      );
      refuses(
        () => new Variable([1, 2], { shape: [3] }),
        ValueError,
        "the initial value's shape ((2,)) is not compatible with the explicitly supplied `shape` argument ((3,))",
      );
      refuses(
        () => new Variable(1, { aggregation: 7 as never }),
        ValueError,
        'Invalid variable aggregation mode: 7 for variable: None',
      );
      refuses(
        () => new Variable(1, { synchronization: 7 as never }),
        ValueError,
        'Invalid variable synchronization mode: 7 for variable: None',
      );
      refuses(() => new Variable(1, { name: 'a b' }), ValueError, 'is not a valid root scope name');
      refuses(() => new Variable(1, 'v' as never), GraphTypeError, 'The options of tf.Variable must be an object');
      refuses(
        () => v.assign(integer),
        ValueError,
        'Tensor conversion requested dtype float32 for Tensor with dtype int32',
      );
      refuses(
        () => convertToTensor(v, { dtype: int32 }),
        ValueError,
        'Incompatible type conversion requested to type int32 for `tf.Variable of type float32.',
      );
      refuses(
        () => v.assign([1, 2]),
        ValueError,
        "Cannot assign value to variable ' v:0': Shape mismatch.The variable shape (), and the assigned value shape (2,) are incompatible.",
      );
    });
  });

  it('knows the line that made it, and the line of what its initial value is made of', () => {
    fresh((_, graph) => {
      const line = (name: string) =>
        Number(graph.getOperationByName(name).creationSite?.match(/variable\.spec\.ts:(\d+)/)?.[1]);
      const initial = () => ones([2]);
      new Variable(initial, { name: 'v' });
      expect(line('v') - line('v/Initializer/ones')).to.equal(1);
      expect(line('v/Assign')).to.equal(line('v'));
    });
  });

  it('can be waited for without being read', () => {
    fresh((session, graph) => {
      const v = new Variable(1);
      const done = graph.controlDependencies([v.assign(2)], () => identity(constant(7)));
      initialised(session);
      expect(session.runSync(done).item()).to.equal(7);
      expect(session.runSync(v).item()).to.equal(2);
    });
  });

  it('can be used in the graph it belongs to, whatever the default graph is', () => {
    const graph = new Graph();
    const v = graph.asDefault(() => new Variable([1, 2]));
    expect(v.add(1).graph).to.equal(graph);
    expect(v.assign([3, 4]).graph).to.equal(graph);
    expect(v.readValue().graph).to.equal(graph);
  });
});
