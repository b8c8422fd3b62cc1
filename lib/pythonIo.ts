/**
 * `tf.pythonIo`: record files under the name that TensorFlow v1 gives them too.
 */
export { TFRecordCompressionType, type TFRecordOptions, TFRecordWriter, tfRecordIterator } from './io/index';
