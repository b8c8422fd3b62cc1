/**
 * Reading checkpoints without a graph: which tensors they hold and what these are.
 */
import type { DType } from '../../../graph/dtypes';
import { GraphTypeError, repr, ValueError } from '../../../graph/errors';
import type { NdArray } from '../../../graph/ndarray';
import type { CheckpointReader as OpenCheckpoint } from '../../../runtime/files/bundle/checkpointReader';
import { openCheckpoint } from '../../../runtime/files/bundle/openCheckpoint';
import { defaultFileSystem } from '../../../runtime/files/fileSystem';
import { type InFileSystem, latestCheckpoint } from './checkpointState';

/** A checkpoint's tensors. Mirrors what tf.train.load_checkpoint returns. */
export class CheckpointReader {
  readonly #open: OpenCheckpoint;

  /** @param path the prefix of a checkpoint of format V2 or V1. NotFoundError when there is none. */
  constructor(
    readonly path: string,
    { fileSystem = defaultFileSystem() }: InFileSystem = {},
  ) {
    if (typeof path !== 'string') throw new GraphTypeError(`Expected binary or unicode string, got ${repr(path)}`);
    this.#open = openCheckpoint(fileSystem, path);
  }

  hasTensor(name: string): boolean {
    return this.#open.has(name);
  }

  /** The value of a tensor; complex numbers as pairs. NotFoundError for a name that is not there, DataLossError for damage. */
  getTensor(name: string): NdArray {
    try {
      return this.#open.read(name);
    } finally {
      this.#open.close();
    }
  }

  getVariableToShapeMap(): Map<string, readonly number[]> {
    return new Map(this.#open.names.map((name) => [name, this.#open.shapeOf(name)]));
  }

  /** UnimplementedError when a tensor is of a type that is not held here, such as quantized numbers. */
  getVariableToDtypeMap(): Map<string, DType> {
    return new Map(this.#open.names.map((name) => [name, this.#open.dtypeOf(name)]));
  }

  /** One line for each tensor. */
  debugString(): string {
    const line = (name: string) =>
      `${name} (${this.#open.dtypeOf(name).protoName}) [${this.#open.shapeOf(name).join(',')}]\n`;
    return this.#open.names.map(line).join('');
  }
}

/** Mirrors tf.compat.v1.train.NewCheckpointReader. */
export function newCheckpointReader(path: string, options: InFileSystem = {}): CheckpointReader {
  return new CheckpointReader(path, options);
}

/** A checkpoint by its prefix, or the latest one of a folder. Mirrors tf.train.load_checkpoint. */
export function loadCheckpoint(checkpointDirOrFile: string, options: InFileSystem = {}): CheckpointReader {
  return new CheckpointReader(prefixOf(checkpointDirOrFile, options), options);
}

function prefixOf(path: string, options: InFileSystem): string {
  const { fileSystem = defaultFileSystem() } = options;
  if (typeof path !== 'string' || !fileSystem.stat(path)?.isDirectory) return path;
  const latest = latestCheckpoint(path, options);
  if (latest === null)
    throw new ValueError(`Couldn't find 'checkpoint' file or checkpoints in given directory ${path}`);
  return latest;
}

/** The names and shapes of all tensors, sorted by name. Mirrors tf.train.list_variables. */
export function listVariables(
  checkpointDirOrFile: string,
  options: InFileSystem = {},
): [name: string, shape: readonly number[]][] {
  const shapes = loadCheckpoint(checkpointDirOrFile, options).getVariableToShapeMap();
  return [...shapes].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The value of one tensor. Mirrors tf.train.load_variable. */
export function loadVariable(checkpointDirOrFile: string, name: string, options: InFileSystem = {}): NdArray {
  return loadCheckpoint(checkpointDirOrFile, options).getTensor(name.endsWith(':0') ? name.slice(0, -2) : name);
}
