/**
 * `tf.summary`: ops that describe a run, and the event files that TensorBoard reads.
 */
export * from './ops';
