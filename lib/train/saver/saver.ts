/**
 * tf.train.Saver: writes the variables of a session to checkpoints, keeps the last few of them, and reads them back.
 *
 * The nodes it adds are build.ts, the files are runtime/files, what is said when a checkpoint does not fit is compare.ts.
 */
import { clone, create, isMessage } from '@bufbuild/protobuf';
import {
  FailedPreconditionError,
  GraphTypeError,
  InvalidArgumentError,
  NotFoundError,
  OpError,
  opErrorByCode,
  RuntimeError,
  repr,
  ValueError,
} from '../../../graph/errors';
import type { MetaGraphDef } from '../../../graph/formats/protos/generated/meta_graph_pb';
import { type SaverDef, SaverDefSchema } from '../../../graph/formats/protos/generated/saver_pb';
import type { Graph } from '../../../graph/graph';
import type { NdArray } from '../../../graph/ndarray';
import { parseSliceSpec } from '../../../graph/savedSlice';
import type { Tensor } from '../../../graph/tensor';
import { type CheckpointReader, readWhenUsed } from '../../../runtime/files/bundle/checkpointReader';
import { checkpointIsThere, openCheckpoint } from '../../../runtime/files/bundle/openCheckpoint';
import { basename, dirname } from '../../../runtime/files/paths';
import { attributeError } from '../../../runtime/opErrors';
import { Session } from '../../../runtime/session';
import type { Variable } from '../../variables/variable';
import { globalStep as stepOf } from '../globalStep';
import { type ExportMetaGraphOptions, exportMetaGraph } from '../metaGraph/exportMetaGraph';
import { buildSaver } from './build';
import {
  getCheckpointMtimes,
  type InFileSystem,
  metaGraphFilename,
  removeCheckpoint,
  updateCheckpointState,
} from './checkpointState';
import { type Comparison, compareWith, describeComparison, type Expected, expectedBy } from './compare';
import { objectBasedKeys } from './objectBased';
import { allSavables, saveablesOf, type VarList } from './saveables';

export interface SaverOptions {
  /** Read variables of another shape with the same number of elements. */
  readonly reshape?: boolean;
  /** Write one file for each device that has variables. */
  readonly sharded?: boolean;
  /** How many checkpoints stay; older ones are removed. 0 or null: all stay. Default 5. */
  readonly maxToKeep?: number | null;
  /** One checkpoint for so many hours of training stays for good. Default 10,000. */
  readonly keepCheckpointEveryNHours?: number;
  /** The scope of the nodes. Default `save`. */
  readonly name?: string;
  /** Use the nodes that this names, and add none. */
  readonly saverDef?: SaverDef;
  /** Add no nodes before `build` is called. */
  readonly deferBuild?: boolean;
  /** Without variables, do nothing instead of failing. */
  readonly allowEmpty?: boolean;
  /** Write step numbers with at least eight digits. */
  readonly padStepNumber?: boolean;
  /** Write relative paths into the state file, so that the folder can be moved. */
  readonly saveRelativePaths?: boolean;
  /** The prefix that the nodes use when they are run without a saver. */
  readonly filename?: string;
}

export interface SaveOptions {
  /** Appended to the prefix: a number, or the variable or tensor that holds it. */
  readonly globalStep?: number | bigint | Variable | Tensor;
  /** The name of the state file. Default `checkpoint`. */
  readonly latestFilename?: string;
  readonly writeState?: boolean;
  /** The ending of the file with the graph. Default `meta`. */
  readonly metaGraphSuffix?: string;
  /** Write the graph beside the checkpoint, for `tf.train.importMetaGraph`. Default true. */
  readonly writeMetaGraph?: boolean;
  /** Leave attributes out of the file with the graph that have their default value. */
  readonly stripDefaultAttrs?: boolean;
}

export interface RestoreOptions {
  /**
   * `by-suffix`: tensors that are missing are read under the names that they probably have: with other numbers, or in other
   * scopes. An error of a restore lists these names.
   */
  readonly assign?: 'by-suffix';
}

interface Kept {
  readonly path: string;
  /** Seconds since 1970. */
  readonly time: number;
}

const now = (): number => Date.now() / 1000;

/** Saves and restores variables. Mirrors tf.compat.v1.train.Saver. */
export class Saver {
  readonly #varList: VarList | null;
  readonly #options: SaverOptions;
  #saverDef: SaverDef | null;
  #isBuilt = false;
  #isEmpty = false;
  #last: Kept[] = [];
  #toDelete: Kept[] = [];
  #nextKeepTime = 0;

  /**
   * Adds nodes to the default graph.
   *
   * @param varList variables, or a map from names in checkpoints to variables. Default: all global variables.
   *
   * ValueError without variables, or for two of one name; TypeError for what is no variable.
   */
  constructor(varList: VarList | null = null, options: SaverOptions = {}) {
    if (options.deferBuild && varList) {
      throw new ValueError(
        'If `var_list` is provided then build cannot be deferred. Either set defer_build=False or var_list=None.',
      );
    }
    this.#varList = varList;
    this.#options = options;
    this.#saverDef = options.saverDef ? clone(SaverDefSchema, checkedDef(options.saverDef)) : null;
    if (!options.deferBuild) this.build();
  }

  /** A saver that uses the nodes of a graph that were added for another. Mirrors Saver.from_proto. */
  static fromProto(saverDef: SaverDef, options: { readonly importScope?: string } = {}): Saver {
    return new Saver(null, { saverDef, name: options.importScope });
  }

  /** Adds the nodes, unless that is done. */
  build(): void {
    if (this.#isBuilt) return;
    if (this.#saverDef) this.#takeOver(this.#saverDef);
    else this.#addNodes();
    this.#isBuilt = true;
    if (this.#saverDef) this.#nextKeepTime = now() + this.#saverDef.keepCheckpointEveryNHours * 3600;
  }

  #addNodes(): void {
    const list = this.#varList ?? allSavables();
    const saveables = saveablesOf(list);
    if (saveables.length === 0) {
      if (!this.#options.allowEmpty) throw new ValueError('No variables to save');
      this.#isEmpty = true;
      return;
    }
    const { maxToKeep, keepCheckpointEveryNHours = 10000, name, filename } = this.#options;
    this.#saverDef = buildSaver(saveables, {
      name,
      filename,
      sharded: this.#options.sharded ?? false,
      reshape: this.#options.reshape ?? false,
      maxToKeep: maxToKeep === undefined ? 5 : (maxToKeep ?? 0),
      keepCheckpointEveryNHours,
    });
  }

  /** Nodes that were imported under a scope have its name before theirs. */
  #takeOver(def: SaverDef): void {
    const scope = this.#options.name?.replace(/\/$/, '');
    if (!scope) return;
    def.filenameTensorName = `${scope}/${def.filenameTensorName}`;
    def.saveTensorName = `${scope}/${def.saveTensorName}`;
    def.restoreOpName = `${scope}/${def.restoreOpName}`;
  }

  /** The names of the saver's nodes and how it keeps checkpoints, as MetaGraphs hold it; null when it saves nothing. */
  asSaverDef(): SaverDef | null {
    return this.#saverDef;
  }

  /** The same, with names as seen from a scope; null when the nodes are not in it. Mirrors Saver.to_proto. */
  toProto(options: { readonly exportScope?: string } = {}): SaverDef | null {
    const { exportScope } = options;
    if (!this.#saverDef || exportScope === undefined) return this.#saverDef;
    const { filenameTensorName, saveTensorName, restoreOpName } = this.#saverDef;
    const names = [filenameTensorName, saveTensorName, restoreOpName];
    if (!names.every((name) => name.startsWith(exportScope))) return null;
    const scope = exportScope.endsWith('/') ? exportScope : `${exportScope}/`;
    const [filename, save, restore] = names.map((name) => (name.startsWith(scope) ? name.slice(scope.length) : name));
    return create(SaverDefSchema, {
      ...this.#saverDef,
      filenameTensorName: filename,
      saveTensorName: save,
      restoreOpName: restore,
    });
  }

  /** The checkpoints that are kept, oldest first. */
  get lastCheckpoints(): string[] {
    return this.#last.map(({ path }) => path);
  }

  /** Says which checkpoints are there, and when each was written in seconds since 1970. */
  setLastCheckpointsWithTime(checkpoints: readonly (readonly [path: string, time: number])[]): void {
    this.#last = checkpoints.map(([path, time]) => ({ path, time }));
  }

  /** Takes up the checkpoints of an earlier run, so that they are removed in their turn. Those not there are left out. */
  recoverLastCheckpoints(checkpointPaths: readonly string[], options: InFileSystem = {}): void {
    this.setLastCheckpointsWithTime(
      checkpointPaths.flatMap((path) => getCheckpointMtimes([path], options).map((time) => [path, time] as const)),
    );
  }

  /**
   * Writes a checkpoint: `path` or, with `globalStep`, `path-<step>`. Returns its prefix, which `restore` takes; null for a
   * saver without variables. What was there before is whole until the new one is.
   *
   * TypeError unless `session` is a Session; ValueError for a state file that is in another folder or is the checkpoint itself,
   * or when the folder above that of `path` is missing; FailedPreconditionError for variables without a value.
   */
  save(session: Session, path: string, options: SaveOptions = {}): string | null {
    if (!this.#isBuilt) throw new RuntimeError('`build()` should be called before save if defer_build==True');
    const { latestFilename = 'checkpoint' } = options;
    if (dirname(latestFilename) !== '') throw new ValueError("'latest_filename' must not contain path components");
    const checkpoint = this.#checkpointName(session, path, options, latestFilename);
    if (!(session instanceof Session)) throw new GraphTypeError(`'sess' must be a Session; ${repr(session)}`);
    const saved = this.#saverDef ? this.#saveVariables(session, path, checkpoint, options, this.#saverDef) : null;
    if (options.writeMetaGraph ?? true) {
      const filename = metaGraphFilename(checkpoint, options.metaGraphSuffix);
      const { graph, fileSystem } = session;
      this.exportMetaGraph({ filename, graph, fileSystem, stripDefaultAttrs: options.stripDefaultAttrs });
    }
    return saved;
  }

  /** The graph as a MetaGraph that names this saver. Mirrors Saver.export_meta_graph. */
  exportMetaGraph(options: Omit<ExportMetaGraphOptions, 'saverDef'> = {}): MetaGraphDef {
    return exportMetaGraph({ ...options, saverDef: this.#saverDef });
  }

  #checkpointName(session: Session, path: string, { globalStep }: SaveOptions, latestFilename: string): string {
    if (globalStep === undefined) {
      if (basename(path) === latestFilename && !this.#options.sharded) {
        throw new ValueError(`'latest_filename' collides with 'save_path': ${repr(latestFilename)} and ${repr(path)}`);
      }
      return path;
    }
    const isNumber = typeof globalStep === 'number' || typeof globalStep === 'bigint';
    const step = isNumber ? BigInt(globalStep) : BigInt(stepOf(session, globalStep));
    return `${path}-${this.#options.padStepNumber ? String(step).padStart(8, '0') : step}`;
  }

  #saveVariables(session: Session, path: string, checkpoint: string, options: SaveOptions, def: SaverDef): string {
    const { fileSystem } = session;
    const folder = dirname(path);
    try {
      const feed = { [def.filenameTensorName]: checkpoint };
      const saved = String((session.runSync(def.saveTensorName, { feed }) as NdArray).item());
      if (options.writeState ?? true) {
        this.#record(saved, def);
        updateCheckpointState(folder, saved, {
          allModelCheckpointPaths: this.lastCheckpoints,
          latestFilename: options.latestFilename,
          saveRelativePaths: this.#options.saveRelativePaths,
          fileSystem,
        });
        this.#deleteOld(session, def, options.metaGraphSuffix);
      }
      return saved;
    } catch (error) {
      const mayBeFolder = error instanceof FailedPreconditionError || error instanceof NotFoundError;
      if (mayBeFolder && !fileSystem.stat(folder)?.isDirectory)
        throw new ValueError(`Parent directory of ${path} doesn't exist, can't save.`);
      throw error;
    }
  }

  #record(path: string, { maxToKeep }: SaverDef): void {
    if (maxToKeep === 0) return;
    const others = (kept: Kept) => kept.path !== path;
    this.#last = [...this.#last.filter(others), { path, time: now() }];
    // After a save that failed, what was to go may have been written again.
    this.#toDelete = this.#toDelete.filter(others);
    if (this.#last.length > maxToKeep) this.#toDelete.push(this.#last.shift()!);
  }

  #deleteOld(session: Session, { keepCheckpointEveryNHours }: SaverDef, metaGraphSuffix?: string): void {
    const oldest = this.#toDelete.shift();
    if (!oldest) return;
    if (oldest.time > this.#nextKeepTime) {
      this.#nextKeepTime += keepCheckpointEveryNHours * 3600;
      return;
    }
    try {
      removeCheckpoint(oldest.path, { fileSystem: session.fileSystem, metaGraphSuffix });
    } catch (error) {
      session.log(`sluice: Ignoring: ${(error as Error).message}`);
    }
  }

  /**
   * Reads a checkpoint into the variables of a session; they need no values before.
   *
   * ValueError when there is no such checkpoint; DataLossError for a damaged one. NotFoundError when it lacks variables,
   * InvalidArgumentError when some have another type or shape: both list what differs and which names were probably changed,
   * and leave all variables as they are.
   */
  restore(session: Session, path: string | null, options: RestoreOptions = {}): void {
    if (this.#isEmpty) return;
    if (path === null || path === undefined) throw new ValueError("Can't load save_path when it is None.");
    if (!(session instanceof Session)) throw new GraphTypeError(`'sess' must be a Session; ${repr(session)}`);
    const { fileSystem, graph } = session;
    if (!checkpointIsThere(fileSystem, path))
      throw new ValueError(`The passed save_path is not a valid checkpoint: ${path}`);
    const def = this.#saverDef;
    if (!def) throw new RuntimeError('`build()` should be called before restore if defer_build==True');
    const reader = openCheckpoint(fileSystem, path);
    try {
      const feed = renamedFeed(path, reader, expectedBy(graph, def.restoreOpName), options) ?? [];
      session.runSync(def.restoreOpName, { feed: [...feed, [filenameTensor(graph, def), path]] });
    } catch (error) {
      throw explained(error);
    } finally {
      reader.close();
    }
  }
}

function filenameTensor(graph: Graph, { filenameTensorName }: SaverDef): Tensor {
  return graph.getTensorByName(filenameTensorName);
}

function checkedDef(def: SaverDef): SaverDef {
  if (!isMessage(def, SaverDefSchema)) throw new ValueError(`saver_def must be a saver_pb2.SaverDef: ${repr(def)}`);
  if (def.saveTensorName === '') throw new ValueError('saver_def must specify the save_tensor_name: ');
  if (def.restoreOpName === '') throw new ValueError('saver_def must specify the restore_op_name: ');
  return def;
}

/**
 * What to feed in place of what RestoreV2 would read, when tensors have other names in the checkpoint; null when all have
 * their own. Throws when some cannot be read.
 */
function renamedFeed(
  path: string,
  reader: CheckpointReader,
  expected: readonly Expected[],
  { assign }: RestoreOptions,
): [Tensor, NdArray][] | null {
  const found = compareWith(reader, expected);
  const keys = found.missing.length > 0 ? objectBasedKeys(path, reader) : null;
  let names: ReadonlyMap<string, string> | null = null;
  if (keys) names = keys;
  else if (assign === 'by-suffix' && found.missing.every(({ name }) => found.renames.has(name))) names = found.renames;
  const problems = names ? compareWith(reader, renamed(expected, names)) : found;
  refuse(path, reader, problems, expected.length);
  if (!names) return null;
  return renamed(expected, names).map(({ op, index, name, slice }) => [
    op.outputs[index],
    readWhenUsed(reader, name, slice === '' ? undefined : parseSliceSpec(slice).slice),
  ]);
}

function renamed(expected: readonly Expected[], names: ReadonlyMap<string, string>): Expected[] {
  return expected.map((each) => ({ ...each, name: names.get(each.name) ?? each.name }));
}

/** Throws what TensorFlow throws for the first thing that is wrong, followed by all that is. */
function refuse(path: string, reader: CheckpointReader, found: Comparison, count: number): void {
  const { missing, mistyped, misshaped } = found;
  const wrong = missing[0] ?? mistyped[0] ?? misshaped[0];
  if (!wrong) return;
  const error =
    missing.length > 0
      ? new NotFoundError(`Key ${wrong.name} not found in checkpoint`)
      : new InvalidArgumentError(mistyped.length > 0 ? typeText(reader, mistyped) : shapeText(reader, wrong));
  const atNode = attributeError(error, wrong.op) as OpError;
  throw withMessage(atNode, `${atNode.message}\n\n${describeComparison(path, reader, found, count)}`);
}

const typeText = (reader: CheckpointReader, mistyped: readonly Expected[]): string =>
  mistyped
    .map(({ name, dtype }) => {
      const stored = reader.dtypeOf(name);
      return `tensor_name = ${name}; expected dtype ${dtype.cppName} does not equal original dtype ${stored.cppName}`;
    })
    .join('\n');

function shapeText(reader: CheckpointReader, { name, slice, shape }: Expected): string {
  const stored = `[${reader.shapeOf(name).join(',')}]`;
  if (slice === '') {
    return `Assign requires shapes of both tensors to match. lhs shape= ${shape!.toCpp()} rhs shape= ${stored}`;
  }
  const { fullShape } = parseSliceSpec(slice);
  return `tensor_name = ${name}; shape in shape_and_slice spec [${fullShape.join(',')}] does not match the shape stored in checkpoint: ${stored}`;
}

function withMessage(error: OpError, message: string): OpError {
  const OpErrorClass = opErrorByCode[error.errorCode as keyof typeof opErrorByCode];
  return new OpErrorClass(message, error.op, error.nodeDef);
}

/** What restoring usually fails of, before the error itself. */
function explained(error: unknown): unknown {
  if (!(error instanceof NotFoundError || error instanceof InvalidArgumentError)) return error;
  const cause =
    error instanceof NotFoundError
      ? 'a Variable name or other graph key that is missing'
      : 'a mismatch between the current graph and the graph';
  return withMessage(
    error,
    `Restoring from checkpoint failed. This is most likely due to ${cause} from the checkpoint. Please ensure that you have not altered the graph expected based on the checkpoint. Original error:\n\n${error.message}`,
  );
}
