/** Sessions themselves: construction, defaults, closing, callables, partial runs, deep and growing graphs. */
import { expect } from 'chai';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import { removeDefaultGraph } from '../../../graph/defaultStack';
import * as dtypes from '../../../graph/dtypes';
import {
  AssertionError,
  DeadlineExceededError,
  GraphTypeError,
  InvalidArgumentError,
  NotFoundError,
  RuntimeError,
  ValueError,
} from '../../../graph/errors';
import { gradients } from '../../../graph/gradients';
import { Graph } from '../../../graph/graph';
import { add, multiply } from '../../../graph/ops/binary';
import { constant, identity, noOp, placeholder } from '../../../graph/ops/source';
import type { Tensor } from '../../../graph/tensor';
import '../../../runtime/eval';
import { InteractiveSession } from '../../../runtime/interactiveSession';
import { Session } from '../../../runtime/session';
import { getDefaultSession, removeDefaultSession } from '../../../runtime/sessionStack';

const inGraph = <R>(body: (graph: Graph) => R): R => new Graph().asDefault(body);

describe('Session', () => {
  it('takes the default graph, or the one given', () => {
    inGraph((graph) => {
      expect(new Session().graph).to.equal(graph);
      expect(new Session('').graph).to.equal(graph);
      const other = new Graph();
      expect(new Session('', { graph: other }).graph).to.equal(other);
      expect(new Session({ graph: other }).graph).to.equal(other);
    });
  });

  it('refuses wrong arguments', () => {
    expect(() => new Session(37 as never)).to.throw(
      GraphTypeError,
      'Argument `target` must be a string, but got "int"',
    );
    expect(() => new Session('', { graph: 5 as never })).to.throw(
      GraphTypeError,
      'Argument `graph` must be a tf.Graph, but got "int"',
    );
    expect(() => new Session('', { config: 5 as never })).to.throw(
      GraphTypeError,
      'Argument `config` must be a tf.ConfigProto, but got "int"',
    );
    expect(() => new Session('nowhere://')).to.throw(
      NotFoundError,
      'No session factory registered for the given session options',
    );
  });

  it('refuses to run when closed, and an empty graph', () => {
    inGraph((graph) => {
      const session = new Session();
      expect(() => session.runSync([])).to.throw(
        RuntimeError,
        'The Session graph is empty. Add operations to the graph before calling run().',
      );
      const c = constant(1);
      expect(session.runSync(c).item()).to.equal(1);
      session.close();
      session.close();
      expect(() => session.runSync(c)).to.throw(RuntimeError, 'Attempted to use a closed Session.');
      expect(graph.version).to.equal(1);
    });
  });

  it('closes at the end of `using`', () => {
    inGraph(() => {
      const c = constant(1);
      let kept: Session;
      {
        using session = new Session();
        kept = session;
        expect(session.runSync(c).item()).to.equal(1);
      }
      expect(kept.isClosed).to.equal(true);
    });
  });

  it('enter makes it and its graph the defaults and closes it', () => {
    const session = inGraph(() => {
      constant(1);
      return new Session();
    });
    session.enter((entered) => {
      expect(getDefaultSession()).to.equal(entered);
      expect(getDefaultGraph()).to.equal(session.graph);
      expect(() => session.enter(() => 1)).to.throw(RuntimeError, 'Session context managers are not re-entrant.');
    });
    expect(session.isClosed).to.equal(true);
    expect(getDefaultSession()).to.equal(null);
  });

  it('asDefault nests and does not close', () => {
    inGraph(() => {
      const c = constant(3);
      const [outer, inner] = [new Session(), new Session()];
      outer.asDefault(() => {
        inner.asDefault(() => expect(getDefaultSession()).to.equal(inner));
        expect(getDefaultSession()).to.equal(outer);
        expect(c.eval().item()).to.equal(3);
        noOp().run();
      });
      expect(outer.isClosed).to.equal(false);
    });
  });

  it('notices defaults that are left out of order', () => {
    inGraph(() => {
      const [outer, inner] = [new Session().asDefault(), new Session().asDefault()];
      expect(() => outer[Symbol.dispose]()).to.throw(AssertionError, 'Nesting violated');
      inner[Symbol.dispose]();
      removeDefaultSession(outer.value);
      removeDefaultGraph(outer.value.graph);
    });
  });

  it('eval and run need a session of the same graph', () => {
    inGraph(() => {
      const c = constant(1);
      expect(() => c.eval()).to.throw(
        ValueError,
        'Cannot evaluate tensor using `eval()`: No default session is registered. Use `with sess.as_default()` or pass an explicit session to `eval(session=sess)`',
      );
      expect(() => c.op.run()).to.throw(
        ValueError,
        'Cannot execute operation using `run()`: No default session is registered.',
      );
      const foreign = new Session({ graph: new Graph() });
      expect(() => c.eval({ session: foreign })).to.throw(
        ValueError,
        "Cannot use the given session to evaluate tensor: the tensor's graph is different from the session's graph.",
      );
    });
  });

  it('an interactive one is the default until it is closed', () => {
    inGraph(() => {
      const c = constant(2);
      const lines: string[] = [];
      const config = { log: (line: string) => lines.push(line) };
      const first = new InteractiveSession({ config });
      expect(c.eval().item()).to.equal(2);
      const second = new InteractiveSession({ config });
      expect(lines.join()).to.include('An interactive session is already active.');
      first.close();
      expect(c.eval().item()).to.equal(2);
      second.close();
      expect(getDefaultSession()).to.equal(null);
    });
  });

  it('makes callables with positional feeds', () => {
    inGraph(() => {
      const x = placeholder(dtypes.float32, [2]);
      const y = multiply(x, 2);
      const session = new Session();
      const double = session.makeCallable([y, x], [x]);
      expect(double([1, 2])[0].toArray()).to.deep.equal([2, 4]);
      expect(() => double([1, 2, 3])).to.throw(ValueError, 'Cannot feed value of shape (3,)');
      expect(() => double()).to.throw(GraphTypeError, 'takes 1 feeds, got 0');
      expect(() => session.makeCallable(y, 5 as never)).to.throw(
        GraphTypeError,
        'Argument `feed_list` must be a list or tuple. Received: feed_list=5',
      );
      session.close();
      expect(() => double([1, 2])).to.throw(RuntimeError, 'Attempted to use a closed Session.');
    });
  });

  it('runs in parts: each feed and fetch once', () => {
    inGraph(() => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => placeholder(dtypes.float32, [], { name }));
      const r1 = add(a, b, { name: 'r1' });
      const r2 = multiply(r1, c, { name: 'r2' });
      const session = new Session();
      const handle = session.partialRunSetup([r1, r2], [a, b, c]);
      const first = session.partialRun(handle, r1, {
        feed: [
          [a, 1],
          [b, 2],
        ],
      });
      expect(first.item()).to.equal(3);
      expect(() => session.partialRun(handle, add(a, c))).to.throw(
        InvalidArgumentError,
        'was not specified in partial_run_setup.',
      );
      expect(session.partialRun(handle, r2, { feed: [[c, first.item() * 17]] }).item()).to.equal(153);
      expect(() => session.partialRun(handle, r1)).to.throw(
        InvalidArgumentError,
        "Must run 'setup' before performing partial runs!",
      );
      const empty = session.partialRunSetup([r1], [a, b]);
      expect(() => session.partialRun(empty, [])).to.throw(
        InvalidArgumentError,
        'Must specify at least one target to fetch or execute.',
      );
      expect(() => session.partialRun(empty, r1, { feed: [[c, 1]] })).to.throw(
        InvalidArgumentError,
        'The feed c:0 was not specified in partial_run_setup.',
      );
    });
  });

  it('gives up after a timeout', () => {
    inGraph(() => {
      let x: Tensor = constant(1);
      for (let i = 0; i < 20000; i++) x = identity(x);
      const session = new Session();
      expect(() => session.runSync(x, { options: { timeoutInMs: 0.001 } })).to.throw(
        DeadlineExceededError,
        'Timed out waiting for notification',
      );
      expect(session.runSync(x).item()).to.equal(1);
    });
  });

  it('builds, differentiates and runs 100,000 operations in a chain', () => {
    inGraph(() => {
      const x = placeholder(dtypes.float32, []);
      let y: Tensor = x;
      for (let i = 0; i < 100000; i++) y = identity(y);
      const [dx] = gradients(multiply(y, 3), x) as [Tensor];
      const session = new Session();
      expect(session.runSync([y, dx], { feed: [[x, 4]] }).map((value) => value.item())).to.deep.equal([4, 3]);
    });
  });

  it('warns once about the line that makes the graph grow', () => {
    inGraph(() => {
      const x = constant(1);
      const lines: string[] = [];
      const session = new Session({ config: { log: (line) => lines.push(line) } });
      for (let i = 0; i < 6; i++) session.runSync(add(x, 1));
      expect(lines.length).to.equal(1);
      expect(lines[0], lines[0]).to.match(/The graph has grown .*lifecycle\.spec\.ts:\d+/);
    });
  });

  it('refuses devices that do not exist, unless placement is soft', () => {
    inGraph((graph) => {
      const x = graph.device('/gpu:0', () => constant(1, { name: 'x' }));
      expect(() => new Session().runSync(x)).to.throw(
        InvalidArgumentError,
        'Cannot assign a device for operation x: {{node x}} was explicitly assigned to /device:GPU:0',
      );
      expect(new Session({ config: { allowSoftPlacement: true } }).runSync(x).item()).to.equal(1);
    });
  });

  it('lists its device', () => {
    inGraph(() => expect(new Session().listDevices()[0].name).to.equal('/job:localhost/replica:0/task:0/device:CPU:0'));
  });
});
