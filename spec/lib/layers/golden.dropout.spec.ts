/**
 * Twins of spec/golden/dropout.py: rates, inputs, noise shapes and training, node for node as TensorFlow's.
 */
import { bool, float32, float64, int32, string } from '../../../graph/dtypes';
import { gradients } from '../../../graph/gradients';
import { NdArray } from '../../../graph/ndarray';
import { equal, less, logicalNot } from '../../../graph/ops/compare';
import { constant, ones, placeholder, placeholderWithDefault } from '../../../graph/ops/source';
import { zerosInitializer } from '../../../lib/initializers/constants';
import { Dropout as KerasDropout } from '../../../lib/keras/dropout';
import { setLearningPhase } from '../../../lib/keras/learningPhase';
import { Dropout, dropout } from '../../../lib/layers/core';
import { Variable } from '../../../lib/variables/variable';
import { getVariable } from '../../../lib/variables/variableScope';
import { goldenCases } from '../../support/golden';

const image = () => placeholder(float32, [2, 3], { name: 'x' });
const batch = () => placeholder(float32, [null, 3], { name: 'x' });
const scalarBool = () => placeholder(bool, [], { name: 'training' });
const rateInput = () => placeholder(float32, [], { name: 'rate' });
const training = true;

/** Evaluates in Python's order: what is made first stands first. */
const withTraining = (make: () => ReturnType<typeof scalarBool>, x = image) => {
  const phase = make();
  return dropout(x(), { rate: 0.4, training: phase });
};

goldenCases('dropout', {
  dropout_number_rate: () => dropout(image(), { rate: 0.4, training }),
  dropout_default_rate: () => dropout(image(), { training }),
  dropout_inference: () => dropout(image(), { rate: 0.4 }),
  dropout_training_false: () => dropout(image(), { rate: 0.4, training: false }),
  dropout_rate_zero_training: () => dropout(image(), { rate: 0, training }),
  dropout_rate_int_zero_placeholder: () => {
    const phase = scalarBool();
    return dropout(image(), { rate: 0, training: phase });
  },
  dropout_rate_one_inference: () => dropout(image(), { rate: 1, training: false }),
  dropout_rate_placeholder: () => {
    const rate = rateInput();
    return dropout(image(), { rate, training });
  },
  dropout_rate_const_tensor: () => {
    const x = image();
    return dropout(x, { rate: constant(0.25), training });
  },
  dropout_rate_zero_tensor: () => {
    const x = image();
    return dropout(x, { rate: constant(0, { name: 'rate' }), training });
  },
  dropout_rate_unknown_rank: () => {
    const rate = placeholder(float32, null, { name: 'rate' });
    return dropout(image(), { rate, training });
  },
  dropout_rate_placeholder_training_placeholder: () => {
    const rate = rateInput();
    const phase = scalarBool();
    return dropout(image(), { rate, training: phase });
  },
  dropout_rate_variable: () => {
    const rate = getVariable('rate', [], { initializer: zerosInitializer(), trainable: false });
    const x = image();
    return dropout(x, { rate: rate.readValue(), training });
  },

  dropout_float64: () => dropout(placeholder(float64, [2, 3], { name: 'x' }), { rate: 0.3, training }),
  dropout_dtype_is_recorded_not_cast: () => {
    const layer = new Dropout(0.5, { dtype: float64 });
    const y = layer.apply(image(), { training });
    return [y, layer.dtype];
  },
  dropout_int_inference: () => dropout(placeholder(int32, [2, 3], { name: 'x' }), { rate: 0.5 }),
  dropout_string_inference: () => dropout(placeholder(string, [2], { name: 'x' }), { rate: 0.5 }),
  dropout_dynamic_batch: () => dropout(batch(), { rate: 0.5, training }),
  dropout_unknown_rank: () => dropout(placeholder(float32, null, { name: 'x' }), { rate: 0.5, training }),
  dropout_scalar: () => dropout(placeholder(float32, [], { name: 'x' }), { rate: 0.5, training }),
  dropout_rank_4: () => dropout(placeholder(float32, [null, 28, 28, 1], { name: 'x' }), { rate: 0.5, training }),
  dropout_constant_input: () => dropout(ones([2, 4]), { rate: 0.5, training }),
  dropout_number_list_input_inference: () =>
    dropout(
      [
        [1, 2],
        [3, 4],
      ],
      { rate: 0.5 },
    ),
  dropout_number_list_input_training: () =>
    dropout(
      [
        [1, 2],
        [3, 4],
      ],
      { rate: 0.5, training },
    ),
  dropout_array_input_training: () =>
    dropout(
      NdArray.from(
        [
          [1, 2],
          [3, 4],
        ],
        float32,
      ),
      { rate: 0.5, training },
    ),
  dropout_tensor_list_input_training: () => {
    const [a, b] = ['a', 'b'].map((name) => placeholder(float32, [3], { name }));
    return dropout([a, b], { rate: 0.5, training });
  },

  dropout_noise_shape_numbers: () => dropout(batch(), { noiseShape: [1, 3], training }),
  dropout_noise_shape_none: () => dropout(batch(), { noiseShape: [null, 1], training }),
  dropout_noise_shape_two_nones: () =>
    dropout(placeholder(float32, [null, null, 8], { name: 'x' }), { noiseShape: [null, 1, null], training }),
  dropout_noise_shape_none_static: () => dropout(image(), { noiseShape: [null, 1], training }),
  dropout_noise_shape_lower_rank: () => dropout(image(), { noiseShape: [3], training }),
  dropout_noise_shape_tuple: () => dropout(image(), { noiseShape: [2, 1], training }),
  dropout_noise_shape_inference: () => dropout(image(), { noiseShape: [null, 1] }),
  dropout_noise_shape_training_placeholder: () => {
    const x = batch();
    return dropout(x, { noiseShape: [null, 1], training: scalarBool() });
  },
  dropout_noise_shape_rate_tensor: () => {
    const rate = rateInput();
    return dropout(image(), { rate, noiseShape: [null, 1], training });
  },
  dropout_noise_shape_unknown_rank: () =>
    dropout(placeholder(float32, null, { name: 'x' }), { noiseShape: [null, 1], training }),

  dropout_training_placeholder: () => withTraining(scalarBool),
  dropout_training_placeholder_dynamic_batch: () => {
    const x = batch();
    return dropout(x, { rate: 0.4, training: scalarBool() });
  },
  dropout_training_placeholder_unknown_rank: () => withTraining(() => placeholder(bool, null, { name: 'training' })),
  dropout_training_placeholder_rank_1: () => withTraining(() => placeholder(bool, [1], { name: 'training' })),
  dropout_training_int_placeholder: () => withTraining(() => placeholder(int32, [], { name: 'training' })),
  dropout_training_placeholder_with_default: () =>
    withTraining(() => placeholderWithDefault(false, [], { name: 'training' })),
  dropout_training_const_true: () => {
    const x = image();
    return dropout(x, { rate: 0.4, training: constant(true, { name: 'training' }) });
  },
  dropout_training_const_false: () => {
    const x = image();
    return dropout(x, { rate: 0.4, training: constant(false, { name: 'training' }) });
  },
  dropout_training_one_and_zero: () => {
    const x = image();
    return [dropout(x, { training: 1 }), dropout(x, { training: 0 })];
  },
  dropout_training_comparison: () => {
    const step = placeholder(int32, [], { name: 'step' });
    const x = image();
    return dropout(x, { rate: 0.4, training: less(step, 10, { name: 'early' }) });
  },
  dropout_training_constant_folded: () => {
    const [a, b] = ['a', 'b'].map((name) => constant(2, { dtype: int32, name }));
    const same = equal(a, b, { name: 'same' });
    return dropout(image(), { rate: 0.4, training: same });
  },
  dropout_training_logical_not: () => {
    const test = placeholder(bool, [], { name: 'test' });
    const x = image();
    return dropout(x, { rate: 0.4, training: logicalNot(test) });
  },
  dropout_training_variable: () => {
    const phase = new Variable(false, { trainable: false, name: 'training' });
    return dropout(image(), { rate: 0.4, training: phase });
  },
  dropout_training_variable_read: () => {
    const phase = new Variable(false, { trainable: false, name: 'training' });
    const x = image();
    return dropout(x, { rate: 0.4, training: phase.readValue() });
  },
  dropout_training_placeholder_float64: () => {
    const x = placeholder(float64, [2, 3], { name: 'x' });
    return dropout(x, { rate: 0.25, training: scalarBool() });
  },
  dropout_training_placeholder_gradient: () => {
    const x = image();
    const y = dropout(x, { rate: 0.4, training: scalarBool() });
    return gradients(y, [x]);
  },
  dropout_gradient: () => {
    const x = image();
    return gradients(dropout(x, { rate: 0.4, training }), [x]);
  },
  dropout_gradient_dynamic_batch: () => {
    const x = batch();
    return gradients(dropout(x, { noiseShape: [null, 1], training }), [x]);
  },
  dropout_learning_phase: () => new Dropout(0.4).apply(image(), { training: null }),
  dropout_learning_phase_two_layers: () => {
    const h = new Dropout(0.4).apply(image(), { training: null });
    return new Dropout(0.2).apply(h, { training: null });
  },
  dropout_learning_phase_set: () => {
    setLearningPhase(1);
    const x = image();
    const layer = new Dropout(0.4);
    return [layer.apply(x), layer.apply(x, { training: null }), layer.apply(x, { training: false })];
  },
  keras_dropout_training: () => new KerasDropout(0.4, { seed: 3 }).apply(ones([2, 3]), { training }),
});
