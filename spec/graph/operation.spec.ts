/**
 * Operations and tensors: what createOp makes of its arguments and what it refuses, and what the two handles show.
 */
import { expect } from 'chai';
import { applyOp } from '../../graph/applyOp';
import { float32, float64, int32, string } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import { add } from '../../graph/ops/binary';
import { matmul } from '../../graph/ops/matmul';
import { constant, identity, noOp, placeholder } from '../../graph/ops/source';
import { type ShapeLike, unknownShape } from '../../graph/shape';
import { Tensor } from '../../graph/tensor';
import '../../graph/ops/index';
import { inGraph, namesOf, thrownBy, withGraph } from '../support/inGraph';

const p = (shape: ShapeLike) => placeholder(float32, shape, { name: 'p' });

describe('createOp', () => {
  it(
    'makes a node of a signature: dtypes inferred, attributes completed',
    withGraph((graph) => {
      const x = p([2, 3]);
      const op = graph.createOp('MatMul', [x, x], { name: 'm', attrs: { transpose_b: true } });
      expect(op.attrs).to.deep.equal({ transpose_a: false, transpose_b: true, T: float32 });
      expect([op.name, op.type, op.device, op.id, op.graph]).to.deep.equal(['m', 'MatMul', '', 1, graph]);
      expect([String(op.output.shape), op.output.dtype]).to.deep.equal(['(2, 2)', float32]);
      expect(op.inputs).to.deep.equal([x, x]);
      expect(graph.version).to.equal(2);
    }),
  );

  it(
    'takes lists of inputs, and counts them',
    withGraph((graph) => {
      const [x, y] = [constant(1), constant(['s'])];
      expect(graph.createOp('AddN', [x, x, x]).attrs).to.deep.equal({ N: 3, T: float32 });
      expect(graph.createOp('IdentityN', [x, y]).outputs.map((tensor) => tensor.dtype)).to.deep.equal([
        float32,
        string,
      ]);
      expect(
        graph.createOp('Split', [constant(0, { dtype: int32 }), p([4])], { attrs: { num_split: 2 } }).outputs,
      ).to.have.length(2);
    }),
  );

  it(
    'holds the list it was given apart from the caller',
    withGraph((graph) => {
      const inputs = [constant(1), constant(2)];
      const op = graph.createOp('AddN', inputs);
      inputs.pop();
      expect(op.inputs).to.have.length(2);
    }),
  );

  it(
    'shares attributes of ops of one signature, which later changes to one of them leave alone',
    withGraph((graph) => {
      const x = constant(1);
      const [a, b] = [identity(x).op, identity(x).op];
      graph.updateOp(a, { attrs: { ...a.attrs, _extra: true } });
      expect([a.attrs, b.attrs, identity(x).op.attrs]).to.deep.equal([
        { T: float32, _extra: true },
        { T: float32 },
        { T: float32 },
      ]);
      expect(() => Object.assign(b.attrs, { T: int32 })).to.throw(TypeError);
    }),
  );

  it('refuses what the signature does not allow', () => {
    inGraph((graph) => {
      const [x, n] = [constant(1, { name: 'x' }), constant(1, { dtype: int32, name: 'n' })];
      const make =
        (type: string, inputs: readonly unknown[], attrs = {}) =>
        () =>
          graph.createOp(type, inputs as Tensor[], { attrs });
      const cases: readonly (readonly [() => unknown, RegExp])[] = [
        [make('Nope', []), /^NotImplementedError: Op type not registered 'Nope'/],
        [make('Identty', [x]), /Did you mean 'Identity'\?/],
        [make('AddV2', [x]), /^TypeError: AddV2: expected 2 inputs, got 1$/],
        [make('Identity', [x, x]), /^TypeError: Identity: expected 1 inputs, got 2$/],
        [make('Identity', [1]), /^TypeError: Input #0 is not a tensor: 1$/],
        [make('Identity', [undefined]), /^TypeError: Input #0 is not a tensor: None$/],
        [
          make('AddV2', [x, n]),
          /^TypeError: Input 'y' of 'AddV2' Op has type int32 that does not match type float32 of argument 'x'\.$/,
        ],
        [make('Fill', [x, x]), /has DataType float32 not in list of allowed values: int32, int64$/],
        [make('Placeholder', []), /^TypeError: No argument found for attr dtype for Placeholder$/],
        [
          make('Placeholder', [], { dtype: 'float32' }),
          /^TypeError: Expected type for argument 'dtype' of Placeholder not 'float32'/,
        ],
        [
          make('Placeholder', [], { dtype: float32, shape: [2] }),
          /^TypeError: Expected shape for argument 'shape' of Placeholder not \[2\]/,
        ],
        [
          make('MatMul', [p([1, 1]), p([1, 1])], { transpose_a: 1 }),
          /^TypeError: Expected bool for argument 'transpose_a' of MatMul not 1/,
        ],
        [make('AddN', []), /^ValueError: Attr 'N' of 'AddN' Op passed argument 0 less than minimum 1\.$/],
        [
          make('Identity', [x], { T: int32 }),
          /^TypeError: Input 'input' of 'Identity' Op has type float32 that does not match expected type of int32\.$/,
        ],
        [
          make('Conv2D', [p([1, 4, 4, 1]), p([2, 2, 1, 1])], { strides: [1, 1, 1, 1], padding: 'SOME' }),
          /^ValueError: Value for attr 'padding' of "SOME" is not in the list of allowed values: "SAME", "VALID", "EXPLICIT" Did you mean 'SAME'\?/,
        ],
      ];
      for (const [call, want] of cases) expect(thrownBy(call)).to.match(want);
    });
  });

  it('adds the node and all shapes to a complaint about shapes', () => {
    inGraph(() => {
      const [a, b] = [placeholder(float32, [2, 3], { name: 'a' }), placeholder(float32, [2, 3], { name: 'b' })];
      expect(thrownBy(() => matmul(a, b, { name: 'm' }))).to.equal(
        "ValueError: Dimensions must be equal, but are 3 and 2 for '{{node m}} = MatMul[T=DT_FLOAT, transpose_a=false, transpose_b=false](a, b)' with input shapes: [2,3], [2,3].",
      );
      try {
        matmul(a, b, { name: 'm' });
      } catch (error) {
        const { op } = error as { op: { name: string; type: string; creationSite: string } };
        expect([op.name, op.type]).to.deep.equal(['m', 'MatMul']);
        expect(op.creationSite).to.match(/spec[\\/]graph[\\/]operation\.spec\.ts:\d+:\d+$/);
      }
    });
  });

  it('keeps graphs apart', () => {
    const [first, second] = [new Graph(), new Graph()];
    const c = first.asDefault(() => constant(1, { dtype: int32, name: 'c' }));
    second.asDefault(() => {
      const d = constant(2, { dtype: int32, name: 'd' });
      const mixed = `Tensor("d:0", shape=(), dtype=int32) must be from the same graph as Tensor("c:0", shape=(), dtype=int32) (graphs are ${second} and ${first}).`;
      expect(thrownBy(() => add(c, d))).to.equal(`ValueError: ${mixed}`);
      expect(thrownBy(() => second.createOp('AddV2', [c, d]))).to.match(
        /^ValueError: Tensor\("c:0".*must be from the same graph/,
      );
      expect(thrownBy(() => second.createOp('NoOp', [], { controlInputs: [c.op] }))).to.match(
        /^ValueError: Control input c must be from the same graph/,
      );
      // An op goes to the graph of its inputs, whatever the default graph.
      expect(identity(c).graph).to.equal(first);
      expect(namesOf(second.operations)).to.deep.equal(['d']);
    });
  });
});

describe('operations', () => {
  it(
    'print as their definition, and as text',
    withGraph(() => {
      const op = matmul(p([1, 2]), p([2, 1]), { name: 'm' }).op;
      expect(String(op)).to.equal("<tf.Operation 'm' type=MatMul>");
      expect(op.nodeDef).to.equal('{{node m}} = MatMul[T=DT_FLOAT, transpose_a=false, transpose_b=false](p, p_1)');
    }),
  );

  it(
    'give attributes by name, and their only output',
    withGraph(() => {
      const op = constant([1, 2], { name: 'c' }).op;
      expect(op.getAttr('dtype')).to.equal(float32);
      expect(op.getAttr<NdArray>('value').toArray()).to.deep.equal([1, 2]);
      expect(thrownBy(() => noOp({ name: 'n' }).getAttr('zz'))).to.equal(
        "ValueError: Operation 'n' has no attr named 'zz'.",
      );
      expect(thrownBy(() => op.getAttr('toString'))).to.equal(
        "ValueError: Operation 'c' has no attr named 'toString'.",
      );
      expect(thrownBy(() => noOp({ name: 'o' }).output)).to.equal('ValueError: Operation o (NoOp) has no outputs.');
    }),
  );

  it(
    'are made of names of arguments and plain values by applyOp',
    withGraph((graph) => {
      const op = applyOp('AddV2', { x: p([2]), y: 3 }, 'sum');
      expect(namesOf(graph.operations)).to.deep.equal(['p', 'sum/y', 'sum']);
      expect(op.inputs[1].op.getAttr<NdArray>('value').item()).to.equal(3);
    }),
  );
});

describe('tensors', () => {
  it(
    'have a name, and print with what is known of their shape',
    withGraph(() => {
      expect([p([2, null]), p(null), p([]), p([3])].map(String)).to.deep.equal([
        'Tensor("p:0", shape=(2, None), dtype=float32)',
        'Tensor("p_1:0", dtype=float32)',
        'Tensor("p_2:0", shape=(), dtype=float32)',
        'Tensor("p_3:0", shape=(3,), dtype=float32)',
      ]);
    }),
  );

  it(
    'know who reads them',
    withGraph(() => {
      const c = constant(1);
      expect(c.consumers()).to.deep.equal([]);
      const z = add(1, c, { name: 'z' });
      expect(namesOf(c.consumers())).to.deep.equal(['z']);
      identity(c, { name: 'y' });
      add(c, c, { name: 'x' });
      expect(namesOf(c.consumers())).to.deep.equal(['z', 'y', 'x']);
      expect(namesOf(z.consumers())).to.deep.equal([]);
    }),
  );

  it(
    'are no numbers, booleans or lists',
    withGraph(() => {
      const x = p([2]);
      expect(() => [...(x as never as number[])]).to.throw('Iterating over a symbolic `tf.Tensor` is not allowed.');
      expect(() => Number(x)).to.throw('as a JavaScript number is not allowed');
      expect(() => (x as never as number) < 3).to.throw('as a JavaScript number is not allowed');
      expect(`${x}`).to.equal('Tensor("p:0", shape=(2,), dtype=float32)');
    }),
  );
});

describe('setShape', () => {
  const merged = (before: ShapeLike, ...given: readonly ShapeLike[]) =>
    inGraph(() => {
      const x = p(before);
      for (const shape of given) x.setShape(shape);
      return String(x.shape);
    });

  it('merges knowledge', () => {
    expect(merged(null, [2])).to.equal('(2,)');
    expect(merged([2], null)).to.equal('(2,)');
    expect(merged([null, 2], [3, null])).to.equal('(3, 2)');
    expect(merged(null, [null, 2], [3, null])).to.equal('(3, 2)');
    expect(merged([null], 5)).to.equal('(5,)');
    expect(merged([2, null], [2, null])).to.equal('(2, None)');
  });

  it('refuses contradictions and what is no shape', () => {
    const rank = (a: number, b: number) => `ValueError: Shapes must be equal rank, but are ${a} and ${b}`;
    expect(thrownBy(() => merged([2], [3]))).to.equal(
      'ValueError: Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3].',
    );
    expect(thrownBy(() => merged([null, 2], [4, 3]))).to.equal(
      'ValueError: Dimension 1 in both shapes must be equal, but are 2 and 3. Shapes are [?,2] and [4,3].',
    );
    expect(thrownBy(() => merged([2], [2, 3]))).to.equal(rank(1, 2));
    expect(thrownBy(() => merged([], [1]))).to.equal(rank(0, 1));
    expect(thrownBy(() => merged([2], [-1]))).to.equal('ValueError: Dimension -1 must be >= 0');
    for (const dim of [1.5, Number.NaN]) {
      expect(thrownBy(() => merged([2], [dim]))).to.equal(
        `TypeError: Dimension value must be integer or None or have an __index__ method, got value '${dim === 1.5 ? '1.5' : 'nan'}' with type '<class 'float'>'`,
      );
    }
    expect(thrownBy(() => merged([2], 'x' as never))).to.match(/^TypeError: /);
  });

  it(
    'leaves the shape alone when it fails, and shapes made from it before',
    withGraph(() => {
      const x = p([null]);
      const y = identity(x);
      x.setShape([3]);
      expect(() => x.setShape([4])).to.throw();
      expect([String(x.shape), String(y.shape), String(identity(x).shape)]).to.deep.equal(['(3,)', '(None,)', '(3,)']);
      expect(p(unknownShape).shape).to.equal(unknownShape);
    }),
  );

  it('of outputs with several dtypes', () => {
    inGraph((graph) => {
      const op = graph.createOp('IdentityN', [p([2]), placeholder(float64, null)]);
      op.outputs[1].setShape([7]);
      expect(op.outputs.map((tensor) => String(tensor.shape))).to.deep.equal(['(2,)', '(7,)']);
    });
  });
});
