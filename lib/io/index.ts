/**
 * `tf.io`: record files, and numpy's array files.
 */
export { type FileOptions, loadNpy, saveNpy } from '../../runtime/files/npy';
export { loadNpz, type SaveNpzOptions, saveNpz } from '../../runtime/files/npz';
export {
  TFRecordCompressionType,
  type TFRecordOptions,
  TFRecordWriter,
  tfRecordIterator,
} from '../../runtime/files/tfrecord';
