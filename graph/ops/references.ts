/**
 * Ops: variables as graphs of TensorFlow v1 hold them before resources: a node whose output is a reference, and ops that
 * change what it refers to and pass the reference on.
 *
 * An op whose signature does not ask for a reference (`T&`) reads the value at the moment it runs. Nothing of ours builds
 * these nodes: they come from files.
 */
import { defineOps, none, type OpDefinition } from '../registry';
import { type TensorShape, unknownShape } from '../shape';
import { type ShapeContext, scalarOutputs } from '../shapeContext';

const NUMBERS =
  '{float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16, uint32, uint64}';

const noGradient = none('an update is not differentiated');

const variableAttrs = `shape: shape
  dtype: type
  container: string = ''
  shared_name: string = ''`;

/** An assignment of the whole value. */
const assignment = (types: string, attrs: readonly string[], shape: OpDefinition['shape']): OpDefinition => ({
  signature: [`(ref: T&, value: T) -> (output_ref: T&)`, `T: ${types}`, ...attrs].join('\n'),
  shape,
  gradient: noGradient,
});

const merged = (c: ShapeContext) => [c.merge(c.shape(0), c.shape(1))];

const rows = (types: string, locks = false): OpDefinition => ({
  signature: `(ref: T&, indices: Tindices, updates: T) -> (output_ref: T&)
    T: ${types}
    Tindices: {int32, int64}
    use_locking: bool = ${locks}`,
  shape: (c) => {
    const params = c.withRankAtLeast(c.shape(0), 1);
    const updates = c.shape(2);
    if (updates.rank !== 0) c.merge(updates, c.shape(1).concatenate(params.slice(1)));
    return [c.shape(0)];
  },
  gradient: noGradient,
});

const slices = (types: string, locks = false): OpDefinition => ({
  signature: `(ref: T&, indices: Tindices, updates: T) -> (output_ref: T&)
    T: ${types}
    Tindices: {int32, int64}
    use_locking: bool = ${locks}`,
  shape: (c) => {
    c.withRankAtLeast(c.shape(1), 1);
    return [c.shape(0)];
  },
  gradient: noGradient,
});

const COMPARED = '{float16, bfloat16, float32, float64, int32, int64}';

export const referencesOps = defineOps({
  Variable: {
    signature: `() -> (ref: dtype&)\n${variableAttrs}`,
    stateful: true,
    // Old graphs say [] where the shape is not known.
    shape: (c) => {
      const shape = c.attr<TensorShape>('shape');
      return [shape.rank === 0 ? unknownShape : shape];
    },
    gradient: none('a variable has no inputs'),
  },
  VariableV2: {
    signature: `() -> (ref: dtype&)\n${variableAttrs}`,
    stateful: true,
    shape: (c) => [c.attr<TensorShape>('shape')],
    gradient: none('a variable has no inputs'),
  },
  Assign: assignment('type', ['validate_shape: bool = true', 'use_locking: bool = true'], (c) =>
    c.attr<boolean>('validate_shape') ? merged(c) : [c.shape(1)],
  ),
  AssignAdd: assignment(NUMBERS, ['use_locking: bool = false'], merged),
  AssignSub: assignment(NUMBERS, ['use_locking: bool = false'], merged),
  IsVariableInitialized: {
    signature: `(ref: dtype&) -> (is_initialized: bool)
      dtype: type`,
    shape: scalarOutputs,
    gradient: none('whether a variable has a value is no number'),
  },
  CountUpTo: {
    signature: `(ref: T&) -> (output: T)
      limit: int
      T: {int32, int64}`,
    shape: (c) => [c.ranked(0, 0)],
    gradient: none('a counter is an integer'),
  },
  ScatterUpdate: rows('type', true),
  ScatterAdd: rows(NUMBERS),
  ScatterSub: rows(NUMBERS),
  ScatterMul: rows(NUMBERS),
  ScatterDiv: rows(NUMBERS),
  ScatterMin: rows(COMPARED),
  ScatterMax: rows(COMPARED),
  ScatterNdUpdate: slices('type', true),
  ScatterNdAdd: slices(NUMBERS),
  ScatterNdSub: slices(NUMBERS),
  StridedSliceAssign: {
    signature: `(ref: T&, begin: Index, end: Index, strides: Index, value: T) -> (output_ref: T&)
      T: type
      Index: {int32, int64}
      begin_mask: int = 0
      end_mask: int = 0
      ellipsis_mask: int = 0
      new_axis_mask: int = 0
      shrink_axis_mask: int = 0`,
    shape: (c) => [c.shape(0)],
    gradient: noGradient,
  },
});
