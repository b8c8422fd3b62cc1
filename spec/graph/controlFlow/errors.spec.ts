/**
 * What control flow rejects while the graph is built, in TensorFlow's classes and words; a rejected call leaves no trace.
 */
import { expect } from 'chai';
import { type CasePairs, caseOf } from '../../../graph/controlFlow/case';
import { cond, switchCase } from '../../../graph/controlFlow/cond';
import { mapFn } from '../../../graph/controlFlow/functional';
import { smartCond } from '../../../graph/controlFlow/smartCond';
import { whileLoop } from '../../../graph/controlFlow/whileLoop';
import { customGradient } from '../../../graph/customGradient';
import { bool, float32, int32, int64 } from '../../../graph/dtypes';
import {
  AssertionError,
  GraphTypeError,
  InaccessibleTensorError,
  LookupError,
  ValueError,
} from '../../../graph/errors';
import { gradients } from '../../../graph/gradients';
import { Graph } from '../../../graph/graph';
import '../../../graph/ops/index';
import '../../../graph/ops/operators';
import { applyUnary } from '../../../graph/applyOp';
import { constant, identity, noOp, placeholder } from '../../../graph/ops/source';
import { TensorShape } from '../../../graph/shape';
import type { Tensor } from '../../../graph/tensor';
import { TensorArray } from '../../../graph/tensorArray';

type ErrorClass = new (...args: never[]) => Error;
type Build = (p: Tensor, x: Tensor) => unknown;

const any = <T>(value: unknown) => value as T;
const one = () => constant(1, { dtype: int32 });

/** Builds in a fresh graph with a bool `p` and a vector `x`; expects that error, and no node beside the inputs. */
function rejects(title: string, ErrorClass: ErrorClass, text: string | RegExp, build: Build): void {
  it(title, () => {
    new Graph().asDefault((graph) => {
      const p = placeholder(bool, [], { name: 'p' });
      const x = placeholder(float32, [3], { name: 'x' });
      let error: unknown;
      let before = graph.version;
      try {
        build(p, x);
      } catch (thrown) {
        error = thrown;
        before = graph.operations.filter((op) => op.type !== 'Placeholder' && op.type !== 'Const').length;
      }
      expect(error).to.be.instanceOf(ErrorClass);
      if (typeof text === 'string') expect((error as Error).message).to.equal(text);
      else expect((error as Error).message).to.match(text);
      expect(before, 'nodes left behind').to.equal(0);
      expect(graph.functions.size, 'functions left behind').to.equal(0);
    });
  });
}

const sameStructure = (op: string, first: string, other: string) =>
  `${first} and ${other} arguments to ${op} must have the same number, type, and overall structure of return values.`;

describe('errors of cond', () => {
  rejects('a plain boolean predicate', GraphTypeError, "('pred must not be a Python bool', True)", () =>
    cond(
      true,
      () => 1,
      () => 2,
    ),
  );
  rejects('no functions', GraphTypeError, "cond(): 'true_fn' argument required", (p) =>
    cond(p, any(undefined), any(undefined)),
  );
  rejects('one function', GraphTypeError, "cond(): 'false_fn' argument required", (p) =>
    cond(p, () => 1, any(undefined)),
  );
  rejects('a number for a function', GraphTypeError, "'true_fn' must be callable.", (p) => cond(p, any(3), () => 1));
  rejects('a tensor for a function', GraphTypeError, "'false_fn' must be callable.", (p, x) =>
    cond(p, () => 1, any(x)),
  );
  rejects('no predicate', ValueError, 'None values not supported.', () =>
    cond(
      any(null),
      () => 1,
      () => 2,
    ),
  );
  rejects(
    'different dtypes',
    GraphTypeError,
    `${sameStructure('tf.cond', 'true_fn', 'false_fn')}\n\ntrue_fn output: Tensor("Const:0", shape=(), dtype=float32)\nfalse_fn output: Tensor("Const:0", shape=(), dtype=int32)\n\nError details:\nTensor("Const:0", shape=(), dtype=float32) and Tensor("Const:0", shape=(), dtype=int32) have different types`,
    (p) => cond(p, () => constant(1), one),
  );
  rejects(
    'different keys',
    GraphTypeError,
    `${sameStructure('tf.cond', 'true_fn', 'false_fn')}

true_fn output: {'a': <tf.Tensor 'x:0' shape=(3,) dtype=float32>}
false_fn output: {'b': <tf.Tensor 'x:0' shape=(3,) dtype=float32>}

Error details:
The two structures don't have the same nested structure.

First structure: type=dict str={'a': <tf.Tensor 'x:0' shape=(3,) dtype=float32>}

Second structure: type=dict str={'b': <tf.Tensor 'x:0' shape=(3,) dtype=float32>}

More specifically: The two dictionaries don't have the same set of keys. First structure has keys type=list str=['a'], while second structure has keys type=list str=['b']
Entire first structure:
{'a': .}
Entire second structure:
{'b': .}`,
    (p, x) =>
      cond(
        p,
        () => ({ a: x }),
        () => ({ b: x }),
      ),
  );
  rejects(
    'a list and a tensor',
    GraphTypeError,
    `${sameStructure('tf.cond', 'true_fn', 'false_fn')}

true_fn output: [<tf.Tensor 'x:0' shape=(3,) dtype=float32>]
false_fn output: Tensor("x:0", shape=(3,), dtype=float32)

Error details:
The two structures don't have the same nested structure.

First structure: type=list str=[<tf.Tensor 'x:0' shape=(3,) dtype=float32>]

Second structure: type=SymbolicTensor str=Tensor("x:0", shape=(3,), dtype=float32)

More specifically: Substructure "type=list str=[<tf.Tensor 'x:0' shape=(3,) dtype=float32>]" is a sequence, while substructure "type=SymbolicTensor str=Tensor("x:0", shape=(3,), dtype=float32)" is not
Entire first structure:
[.]
Entire second structure:
.`,
    (p, x) =>
      cond(
        p,
        () => [x],
        () => x,
      ),
  );
  rejects('lists of different length', GraphTypeError, /don't have the same number of elements/, (p, x) =>
    cond(
      p,
      () => [x, x],
      () => [x],
    ),
  );
  rejects('a list and an object', GraphTypeError, /has type dict, while second structure .* has type list/, (p, x) =>
    cond(
      p,
      () => ({ a: x }),
      () => [x],
    ),
  );
  rejects(
    'nothing in one branch',
    ValueError,
    'Lengths of branch outputs of cond must match.\nlen(graphs[0].outputs): 1\nlen(graphs[1].outputs): 0\n',
    (p, x) =>
      cond(
        p,
        () => x,
        () => null,
      ),
  );
  rejects(
    'a value that is no tensor',
    GraphTypeError,
    'To be compatible with tf.function, Python functions must return zero or more Tensors or ExtensionTypes or None values; in compilation of <function <lambda>>, found return value of type Graph, which is not a Tensor or ExtensionType.',
    (p, x) =>
      cond(
        p,
        () => new Graph(),
        () => x,
      ),
  );
  rejects('a promise', GraphTypeError, /must not return a Promise/, (p, x) =>
    cond(
      p,
      async () => x,
      async () => x,
    ),
  );
  rejects('a tensor of the other branch', ValueError, 'Tensor mul:0 in true_fn is accessed from false_fn.', (p, x) => {
    let inner: Tensor | undefined;
    const first = () => {
      inner = x.mul(2);
      return inner;
    };
    return cond(p, first, () => inner!.add(1));
  });

  it('a tensor of a branch outside of it names the line that made it', () => {
    new Graph().asDefault(() => {
      const x = placeholder(float32, [3], { name: 'x' });
      let inner: Tensor | undefined;
      const first = () => {
        inner = x.mul(2);
        return inner;
      };
      cond(placeholder(bool, []), first, () => x);
      expect(() => inner!.graph.outermost.createOp('Identity', [inner!]))
        .to.throw(
          InaccessibleTensorError,
          /<tf\.Tensor 'mul:0' shape=\(3,\) dtype=float32> is out of scope and cannot be used here/,
        )
        .with.property('message')
        .that.matches(/errors\.spec\.ts:\d+/);
    });
  });

  it('a branch that throws leaves the graph as it was', () => {
    new Graph().asDefault((graph) => {
      const p = placeholder(bool, [], { name: 'p' });
      const x = placeholder(float32, [3], { name: 'x' });
      const failing = () => {
        throw new Error('mine');
      };
      expect(() => cond(p, () => x.mul(2), failing)).to.throw('mine');
      expect(graph.version).to.equal(2);
      expect(
        cond(
          p,
          () => x,
          () => x.mul(2),
        ).name,
      ).to.equal('cond/Identity:0');
    });
  });
});

describe('errors of case and switchCase', () => {
  rejects(
    'pairs that are no list',
    GraphTypeError,
    "'pred_fn_pairs' must be a list, tuple, or dict. Received: <class 'int'>",
    () => caseOf(any(3)),
  );
  rejects(
    'an entry that is no pair',
    GraphTypeError,
    "Each entry in 'pred_fn_pairs' must be a 2-tuple. Received [<tf.Tensor 'p:0' shape=() dtype=bool>].",
    (p) => caseOf(any([[p]])),
  );
  rejects('a predicate of another dtype', GraphTypeError, 'pred must be Tensor of type bool: x:0', (_p, x) =>
    caseOf([[x, () => 1]]),
  );
  rejects('a plain predicate', GraphTypeError, 'pred must be a Tensor, got: True', () =>
    caseOf(any<CasePairs<number>>([[true, () => 1]])),
  );
  rejects('a function that is none', GraphTypeError, 'fn for pred p:0 must be callable.', (p) => caseOf(any([[p, 1]])));
  rejects('a plain index', GraphTypeError, "'branch_index' must be a Tensor, got <class 'int'>", () =>
    switchCase(any(1), [() => 1]),
  );
  rejects(
    'a float index',
    GraphTypeError,
    "'branch_index' must be an integer Tensor, got <dtype: 'float32'>",
    (_p, x) => switchCase(x, [() => 1]),
  );
  rejects(
    'an int64 index',
    GraphTypeError,
    "Input 'branch_index' of 'StatelessCase' Op has type int64 that does not match expected type of int32.",
    () => switchCase(constant(1, { dtype: int64 }), [() => 1]),
  );
  rejects('no functions', ValueError, "Must provide at least one item in 'branch_fns'", () => switchCase(one(), []));
  rejects('a gap', ValueError, 'branch indices (keys) must form contiguous range of [0 to 2) but found {0,2}', () =>
    switchCase(one(), { 0: () => 1, 2: () => 1 }),
  );
  rejects('a key that is no number', GraphTypeError, "key must be a Python `int`, got <class 'str'>", () =>
    switchCase(one(), any({ a: () => 1 })),
  );
  rejects('a branch that is no function', GraphTypeError, 'fn for key 0 must be callable.', () =>
    switchCase(one(), any({ 0: 3 })),
  );
  rejects(
    'branches of different dtypes',
    GraphTypeError,
    /^branches\[0\] and branches\[1\] arguments to tf\.switch_case must have the same number/,
    () => switchCase<unknown>(one(), [() => 1, one]),
  );
});

describe('errors of smartCond', () => {
  rejects(
    'a string',
    GraphTypeError,
    'Argument `pred` must be a Tensor, or a Python bool, or 1 or 0. Received: pred=yes of type str',
    () =>
      smartCond(
        'yes',
        () => 1,
        () => 2,
      ),
  );
  rejects('another number', GraphTypeError, /Received: pred=2 of type int/, () =>
    smartCond(
      2,
      () => 1,
      () => 2,
    ),
  );
  rejects('a function that is none', GraphTypeError, 'Argument `true_fn` must be callable. Received 1', () =>
    smartCond(true, any(1), () => any(2)),
  );
});

describe('errors of whileLoop', () => {
  const less = (i: Tensor) => i.less(1);
  rejects('a condition that is no function', GraphTypeError, "'cond' must be callable.", () =>
    whileLoop(
      any(1),
      any(() => 1),
      [1],
    ),
  );
  rejects('a body that is no function', GraphTypeError, "'body' must be callable.", () =>
    whileLoop(
      any(() => 1),
      any(1),
      [1],
    ),
  );
  rejects('no variables', ValueError, "'loop_vars' must be provided.", () =>
    whileLoop(any(less), any(less), any<[]>(null)),
  );
  rejects('a tensor for the list of variables', GraphTypeError, /'loop_vars' must be a list/, (_p, x) =>
    whileLoop(any(less), any(less), any<[]>(x)),
  );
  rejects('parallelIterations 0', GraphTypeError, "'parallel_iterations' must be a positive integer.", () =>
    whileLoop(less, (i) => i, [1], { parallelIterations: 0 }),
  );
  rejects(
    'too few results',
    ValueError,
    /First structure: type=list str=\[<tf\.Tensor 'Placeholder:0' shape=\(\) dtype=int32>\][\s\S]*don't have the same number of elements/,
    () =>
      whileLoop(
        (i, _j) => less(i),
        (i, _j) => [i],
        [one(), one()],
      ),
  );
  rejects('too many results', ValueError, /don't have the same number of elements/, () =>
    whileLoop(less, (i) => [i, i], [one()]),
  );
  rejects(
    'a dtype that changes',
    GraphTypeError,
    "Loop var i:0 enters the loop with type <dtype: 'int32'> but has type <dtype: 'float32'> after 1 iteration. i:0 type should remain constant.",
    () => whileLoop(less, (i) => i.cast(float32), [constant(1, { dtype: int32, name: 'i' })]),
  );
  rejects(
    'a shape that changes',
    ValueError,
    'Input tensor `x:0` enters the loop with shape (3,), but has shape (6,) after one iteration. To allow the shape to vary across iterations, use the `shape_invariants` argument of tf.while_loop to specify a less-specific shape.',
    (p, x) =>
      whileLoop(
        () => p,
        (a) => applyUnary('ConcatV2', { values: [a, a], axis: 0 }),
        [x],
      ),
  );
  rejects('invariants of another structure', ValueError, /don't have the same number of elements/, (p, x) =>
    whileLoop(
      () => p,
      (a) => a,
      [x],
      { shapeInvariants: [new TensorShape([3]), new TensorShape([3])] },
    ),
  );
  rejects(
    'a number for a shape',
    GraphTypeError,
    /'shape' must be one of TypeSpec, TensorShape or None\. Received: <class 'int'>/,
    (p, x) =>
      whileLoop(
        () => p,
        (a) => a,
        [x],
        { shapeInvariants: [5] },
      ),
  );
  rejects('a condition of two values', AssertionError, 'cond_graph has 2 outputs; Expected: 1', (p, x) =>
    whileLoop(
      () => [p, p],
      (a) => a,
      [x],
    ),
  );
  rejects('no condition', AssertionError, 'cond_graph has 0 outputs; Expected: 1', (_p, x) =>
    whileLoop(
      () => null,
      (a) => a,
      [x],
    ),
  );
  rejects('no result', AssertionError, 'body_graph has 2 outputs; Expected: 3', () =>
    whileLoop(less, () => null, [one()]),
  );
  rejects('an operation as result', GraphTypeError, /found return value of type Operation/, (p, x) =>
    whileLoop(
      () => p,
      () => noOp(),
      [x],
    ),
  );
  rejects('a fractional maximum', GraphTypeError, /Expected int32, but got 2\.5 of type 'float'/, (p, x) =>
    whileLoop(
      () => p,
      (a) => a,
      [x],
      { maximumIterations: 2.5 },
    ),
  );
});

describe('errors of gradients through control flow', () => {
  it('a branch without a gradient leaves the forward op as it was', () => {
    new Graph().asDefault((graph) => {
      const p = placeholder(bool, [], { name: 'p' });
      const x = placeholder(float32, [3], { name: 'x' });
      const unknown = () => graph.gradientOverrideMap({}, () => noGradient(x.mul(x)).mul(x.mul(x)));
      const y = cond(p, unknown, () => x);
      const op = graph.getOperationByName('cond');
      const [outputs, listing] = [op.outputs.length, graph.operations.map((each) => each.name)];
      expect(() => gradients(y, x)).to.throw(LookupError, /No gradient defined for operation/);
      expect(op.outputs.length).to.equal(outputs);
      expect(graph.operations.map((each) => each.name)).to.deep.equal(listing);
      expect([...graph.functions.keys()].some((name) => name.endsWith('_rewritten'))).to.equal(false);
    });
  });

  it('a loop whose gradient fails keeps its inputs and functions', () => {
    new Graph().asDefault((graph) => {
      const x = placeholder(float32, [], { name: 'x' });
      const step = (i: Tensor, a: Tensor) => [i.add(1), a.mul(x).mul(a)];
      const [, y] = whileLoop((i, _a) => i.less(3), step, [one(), noGradient(x)]);
      const op = graph.getOperationByName('while');
      const [inputs, outputs, attrs] = [op.inputs.length, op.outputs.length, op.attrs.body];
      expect(() => gradients(y, x)).to.throw(LookupError, /No gradient defined for operation/);
      expect([op.inputs.length, op.outputs.length]).to.deep.equal([inputs, outputs]);
      expect(String((op.attrs.body as { name: string }).name)).to.equal((attrs as { name: string }).name);
      expect(
        graph.operations.every((each) => each.inputs.every((input) => graph.operations.includes(input.op))),
      ).to.equal(true);
    });
  });
});

/** An op whose gradient is looked up under a name that nobody registered. */
function noGradient(x: Tensor): Tensor {
  return x.graph.gradientOverrideMap({ Identity: 'NobodyRegisteredThis' }, () => identity(x));
}

describe('errors of functions made of loops', () => {
  rejects('scalars to map', ValueError, 'Elements in elems must be 1+ dimensional Tensors, not scalars', () =>
    mapFn((a) => a, constant(1)),
  );
  rejects('a result of another structure', ValueError, /don't have the same nested structure/, (_p, x) =>
    mapFn((a) => [a, a], x),
  );
  rejects(
    'an array without size',
    ValueError,
    'Argument `size` must be provided if argument `flow` is not provided.',
    () => new TensorArray(float32),
  );

  it('an element of another shape, gradients in a wrong number', () => {
    new Graph().asDefault(() => {
      const x = placeholder(float32, [3]);
      const array = new TensorArray(float32, { size: 1, elementShape: [2] });
      expect(() => array.write(0, x)).to.throw(ValueError, 'Inconsistent shapes: saw (3,) but expected (2,) ');
      const wrong = customGradient((a: Tensor) => [identity(a), (dy: Tensor) => [dy, dy]]);
      const y = wrong(x);
      const text = 'custom_gradient function expected to return 1 gradients, but returned 2 instead.';
      expect(() => gradients(y, x)).to.throw(ValueError, text);
    });
  });
});
