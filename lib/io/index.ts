/**
 * `tf.io`: record files, numpy's array files, files of graphs, and models that were converted for tfjs.
 */
export type { FileSystem } from '../../runtime/files/fileSystem';
export { MemoryFileSystem } from '../../runtime/files/memoryFileSystem';
export { type FileOptions, loadNpy, saveNpy } from '../../runtime/files/npy';
export { loadNpz, type SaveNpzOptions, saveNpz } from '../../runtime/files/npz';
export {
  loadSafetensors,
  SafetensorsReader,
  type SaveSafetensorsOptions,
  saveSafetensors,
} from '../../runtime/files/safetensors';
export {
  TFRecordCompressionType,
  type TFRecordOptions,
  TFRecordWriter,
  tfRecordIterator,
} from '../../runtime/files/tfrecord';
export {
  type GraphFileOptions,
  parseGraphDef,
  readGraphDef,
  serializeGraphDef,
  type WriteGraphOptions,
  writeGraph,
} from './graphDef';
export { GraphModel, type GraphModelFiles, type GraphModelOptions, loadGraphModel } from './graphModel';
export { loadLayersModel } from './layersModel';
