/**
 * `tf.keras.backend`: the learning phase.
 */
export { learningPhase, setLearningPhase } from './learningPhase';
