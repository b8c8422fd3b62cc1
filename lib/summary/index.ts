/**
 * `tf.summary`: ops that describe a run, and the event files that TensorBoard reads.
 */
export type { EventFileOptions } from '../../runtime/files/eventFile';
export { FileWriter, FileWriterCache, type FileWriterOptions, type Step, type SummaryLike } from './fileWriter';
export * from './ops';
