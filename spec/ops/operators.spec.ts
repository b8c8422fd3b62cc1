import { expect } from 'chai';
import { bool, type DType, float32, int32, int64, string } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import '../../graph/ops/index';
import { placeholder } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { bools, f32, f64, i32, opCase, strings } from '../support/opCase';

opCase('AddV2', 'operators', {
  inputs: [f32([7, -7]), f32([2, 2])],
  build: (x, y) => [x.add(y), x.sub(y), x.mul(y), x.div(y), x.floordiv(y), x.mod(y), x.pow(y), x.neg(), x.abs()],
  want: [
    f32([9, -5]),
    f32([5, -9]),
    f32([14, -14]),
    f32([3.5, -3.5]),
    f32([3, -4]),
    f32([1, 1]),
    f32([49, 49]),
    f32([-7, 7]),
    f32([7, 7]),
  ],
});
opCase('AddV2', 'operators with the number on the left', {
  inputs: [i32([2, -3])],
  build: (x) => [x.radd(7), x.rsub(7), x.rmul(7), x.rdiv(6), x.rfloordiv(7), x.rmod(7), x.abs().rpow(2)],
  want: [i32([9, 4]), i32([5, 10]), i32([14, -21]), f64([3, -2]), i32([3, -3]), i32([1, -2]), i32([4, 8])],
});
opCase('Less', 'comparing operators', {
  inputs: [i32([1, 2, 3])],
  build: (x) => [x.less(2), x.lessEqual(2), x.greater(2), x.greaterEqual(2), x.equal(2), x.notEqual(2)],
  want: [
    bools([true, false, false]),
    bools([true, true, false]),
    bools([false, false, true]),
    bools([false, true, true]),
    bools([false, true, false]),
    bools([true, false, true]),
  ],
});
opCase('LogicalAnd', 'logical operators', {
  inputs: [bools([true, true, false, false]), bools([true, false, true, false])],
  build: (a, b) => [
    a.and(b),
    a.or(b),
    a.xor(b),
    a.invert(),
    a.logicalAnd(b),
    a.logicalOr(b),
    a.logicalNot(),
    a.rxor(true),
  ],
  want: [
    bools([true, false, false, false]),
    bools([true, true, true, false]),
    bools([false, true, true, false]),
    bools([false, false, true, true]),
    bools([true, false, false, false]),
    bools([true, true, true, false]),
    bools([false, false, true, true]),
    bools([false, false, true, true]),
  ],
});
opCase('BitwiseAnd', 'operators on bits', {
  inputs: [i32([6, 5])],
  build: (x) => [x.and(3), x.ror(8), x.xor(1), x.invert(), x.rand(4)],
  want: [i32([2, 1]), i32([14, 13]), i32([7, 4]), i32([-7, -6]), i32([4, 4])],
});
opCase('Add', 'operators on strings', {
  inputs: [strings(['a', 'b'])],
  build: (x) => [x.add('!'), x.radd('~')],
  want: [strings(['a!', 'b!']), strings(['~a', '~b'])],
});
opCase('MatMul', 'operators of matrices', {
  staticOnly: true,
  inputs: [f32([[1, 2]])],
  build: (x) => [x.matmul([[3], [4]]), x.rmatmul([[3], [4]])],
  want: [
    f32([[11]]),
    f32([
      [3, 6],
      [4, 8],
    ]),
  ],
});

describe('operators', () => {
  const mistakes: Readonly<
    Record<
      string,
      readonly [(t: Readonly<Record<'ints' | 'floats' | 'bools' | 'strings' | 'longs', Tensor>>) => unknown, string]
    >
  > = {
    'a fraction added to integers': [
      ({ ints }) => ints.add(1.5),
      "Input 'y' of 'AddV2' Op has type float32 that does not match type int32 of argument 'x'.",
    ],
    'integers added to a fraction': [({ ints }) => ints.radd(1.5), "Expected int32, but got 1.5 of type 'float'."],
    'integers times a fraction': [
      ({ ints }) => ints.mul(1.5),
      "Expected int32 passed to parameter 'y' of op 'Mul', got 1.5 of type 'float' instead. Error: Expected int32, but got 1.5 of type 'float'.",
    ],
    'integers and floats': [
      ({ ints, floats }) => ints.sub(floats),
      "Input 'y' of 'Sub' Op has type float32 that does not match type int32 of argument 'x'.",
    ],
    'integers by floats': [
      ({ ints, floats }) => ints.div(floats),
      '`x` and `y` must have the same dtype, got tf.int32 != tf.float32.',
    ],
    'the quotient of strings': [
      ({ strings: x }) => x.div(x),
      'Invalid dtype tf.string in __truediv__. Expected one of {tf.uint8, tf.int8, tf.uint16, tf.int16, tf.uint32, tf.int32, tf.uint64, tf.int64, tf.bfloat16, tf.float16, tf.float32, tf.float64, tf.complex64, tf.complex128}.',
    ],
    'long integers': [
      ({ ints, longs }) => ints.add(longs),
      "Input 'y' of 'AddV2' Op has type int64 that does not match type int32 of argument 'x'.",
    ],
    'bits of floats': [
      ({ floats }) => floats.and(floats),
      "Value passed to parameter 'x' has DataType float32 not in list of allowed values: int8, int16, int32, int64, uint8, uint16, uint32, uint64",
    ],
    'minus a bool': [
      ({ bools: x }) => x.neg(),
      "Value passed to parameter 'x' has DataType bool not in list of allowed values: bfloat16, float16, float32, float64, int8, int16, int32, int64, complex64, complex128",
    ],
    'products of strings': [
      ({ strings: x }) => x.mul(x),
      "Value passed to parameter 'x' has DataType string not in list of allowed values: bfloat16, float16, float32, float64, uint8, int8, uint16, int16, int32, uint32, uint64, int64, complex64, complex128",
    ],
  };
  for (const [title, [build, message]] of Object.entries(mistakes)) {
    it(`refuse ${title}`, () => {
      new Graph().asDefault((graph) => {
        const make = (dtype: DType) => placeholder(dtype, [2]);
        const tensors = {
          ints: make(int32),
          floats: make(float32),
          bools: make(bool),
          strings: make(string),
          longs: make(int64),
        };
        expect(() => build(tensors))
          .to.throw(TypeError)
          .with.property('message', message);
        expect(graph.operations.length).to.equal(5);
      });
    });
  }

  it('refuse shapes that do not fit, and nothing at all', () => {
    new Graph().asDefault(() => {
      const [x, y] = [placeholder(int32, [2], { name: 'x' }), placeholder(int32, [3], { name: 'y' })];
      const message =
        "Dimensions must be equal, but are 2 and 3 for '{{node add}} = AddV2[T=DT_INT32](x, y)' with input shapes: [2], [3].";
      expect(() => x.add(y))
        .to.throw(Error)
        .with.property('message', message);
      expect(() => x.add(null as never)).to.throw(Error, 'None values not supported.');
    });
  });
});
