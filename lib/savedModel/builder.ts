/**
 * `tf.savedModel.Builder` and `simpleSave`: a session's graph and variables as a SavedModel.
 *
 * Variables and assets are written as they are added; `save` writes the message last and in one step, so a folder with a
 * message is a whole model.
 */
import { create } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { AssertionError, GraphTypeError, repr, ValueError } from '../../graph/errors';
import { encodeMessage } from '../../graph/formats/codec';
import {
  AssetFileDefSchema,
  type MetaGraphDef,
  type SignatureDef,
} from '../../graph/formats/protos/generated/meta_graph_pb';
import { type SavedModel, SavedModelSchema } from '../../graph/formats/protos/generated/saved_model_pb';
import type { Graph } from '../../graph/graph';
import type { StringElement } from '../../graph/ndarray';
import { Operation } from '../../graph/operation';
import { constantValue } from '../../graph/staticValue';
import { Tensor } from '../../graph/tensor';
import { defaultFileSystem, type FileSystem, writeFileAtomically } from '../../runtime/files/fileSystem';
import { basename, joinPath } from '../../runtime/files/paths';
import { Session } from '../../runtime/session';
import { exportMetaGraph } from '../train/metaGraph/exportMetaGraph';
import { Saver } from '../train/saver/saver';
import { constants, signatureConstants, tagConstants } from './constants';
import { assetsFolder, variablesPath } from './files';
import { buildTensorInfo, predictSignatureDef } from './signatures';

export interface AddMetaGraphOptions {
  readonly signatureDefMap?: Readonly<Record<string, SignatureDef>> | null;
  /** Constants that hold the paths of files to take along. */
  readonly assetsCollection?: readonly Tensor[] | null;
  /** Run after the variables are restored. */
  readonly mainOp?: Operation | null;
  /** An older name for `mainOp`. */
  readonly legacyInitOp?: Operation | null;
  readonly clearDevices?: boolean;
  readonly stripDefaultAttrs?: boolean;
  /** Default: a new one for all global variables. */
  readonly saver?: Saver | null;
}

export interface BuilderOptions {
  /** Default: that of the session, else the machine's disk in Node. */
  readonly fileSystem?: FileSystem;
}

const PIECE = 1 << 20;

function copyFile(fileSystem: FileSystem, from: string, to: string): void {
  const source = fileSystem.openRead(from);
  try {
    writeFileAtomically(fileSystem, to, (target) => {
      const piece = new Uint8Array(PIECE);
      for (let at = 0; at < source.size; ) {
        const read = source.read(at, piece);
        if (read === 0) break;
        target.write(piece.subarray(0, read));
        at += read;
      }
    });
  } finally {
    source.close();
  }
}

/** Builds a SavedModel. Mirrors tf.compat.v1.saved_model.Builder. */
export class Builder {
  readonly #folder: string;
  readonly #model: SavedModel;
  readonly #fileSystem: FileSystem | undefined;
  #hasVariables = false;

  /** AssertionError when the folder has something in it. */
  constructor(exportDir: string, { fileSystem }: BuilderOptions = {}) {
    this.#folder = exportDir;
    this.#fileSystem = fileSystem;
    this.#model = create(SavedModelSchema, { savedModelSchemaVersion: BigInt(constants.SAVED_MODEL_SCHEMA_VERSION) });
    const target = fileSystem ?? defaultFileSystem();
    if (target.stat(exportDir) && target.list(exportDir).length > 0)
      throw new AssertionError(
        `Export directory already exists, and isn't empty. Please choose a different export directory, or delete all the contents of the specified directory: ${exportDir}`,
      );
    target.makeDirectory(exportDir);
  }

  #files(session?: Session): FileSystem {
    return this.#fileSystem ?? session?.fileSystem ?? defaultFileSystem();
  }

  /**
   * Adds the graph of a session and saves its variables. The first MetaGraph is added so; AssertionError for another one.
   */
  addMetaGraphAndVariables(session: Session, tags: readonly string[], options: AddMetaGraphOptions = {}): void {
    if (!(session instanceof Session)) throw new GraphTypeError(`'sess' must be a Session; ${repr(session)}`);
    if (this.#hasVariables)
      throw new AssertionError(
        'Graph state including variables and assets has already been saved. Please invoke `add_meta_graph()` instead.',
      );
    const { graph } = session;
    checkSignatures(options.signatureDefMap);
    const files = this.#files(session);
    const saver = this.#prepare(graph, options);
    files.makeDirectory(joinPath(this.#folder, constants.VARIABLES_DIRECTORY));
    saver.save(session, variablesPath(this.#folder), { writeMetaGraph: false, writeState: false });
    this.#add(graph, saver, tags, options, files);
    this.#hasVariables = true;
  }

  /** Adds the default graph, which shares the variables saved before. AssertionError before any are. */
  addMetaGraph(tags: readonly string[], options: AddMetaGraphOptions = {}): void {
    if (!this.#hasVariables)
      throw new AssertionError(
        'Graph state including variables and assets has not been saved yet. Please invoke `add_meta_graph_and_variables()` first.',
      );
    checkSignatures(options.signatureDefMap);
    const graph = getDefaultGraph();
    this.#add(graph, this.#prepare(graph, options), tags, options, this.#files());
  }

  #prepare(graph: Graph, options: AddMetaGraphOptions): Saver {
    const mainOp = options.mainOp ?? options.legacyInitOp ?? null;
    if (mainOp !== null && !(mainOp instanceof Operation))
      throw new GraphTypeError(`Expected \`main_op\` to be an Operation, got ${String(mainOp)} instead.`);
    for (const asset of options.assetsCollection ?? []) {
      if (!(asset instanceof Tensor) || pathOf(asset) === undefined)
        throw new ValueError(`Asset tensor ${String(asset)} cannot be evaluated: it must be a constant string.`);
    }
    return options.saver ?? graph.asDefault(() => new Saver(null, { sharded: true, allowEmpty: true }));
  }

  #add(graph: Graph, saver: Saver, tags: readonly string[], options: AddMetaGraphOptions, files: FileSystem): void {
    const meta = exportMetaGraph({
      graph,
      saverDef: saver.asSaverDef(),
      clearDevices: options.clearDevices,
      stripDefaultAttrs: options.stripDefaultAttrs,
    });
    const mainOp = options.mainOp ?? options.legacyInitOp;
    if (mainOp) {
      meta.collectionDef[constants.MAIN_OP_KEY] = {
        $typeName: 'tensorflow.CollectionDef',
        kind: { case: 'nodeList', value: { $typeName: 'tensorflow.CollectionDef.NodeList', value: [mainOp.name] } },
      };
    }
    this.#writeAssets(meta, options.assetsCollection ?? [], files);
    meta.metaInfoDef!.tags.push(...tags);
    Object.assign(meta.signatureDef, options.signatureDefMap);
    this.#model.metaGraphs.push(meta);
  }

  /** Copies the files, under names of their own, and notes which tensor holds which. */
  #writeAssets(meta: MetaGraphDef, tensors: readonly Tensor[], files: FileSystem): void {
    if (tensors.length === 0) return;
    const folder = assetsFolder(this.#folder);
    files.makeDirectory(folder);
    const names = new Map<string, string>();
    for (const tensor of tensors) {
      const path = pathOf(tensor)!;
      let name = names.get(path);
      if (name === undefined) {
        const base = basename(path);
        name = base;
        for (let i = 1; [...names.values()].includes(name); i++) name = `${base}_${i}`;
        names.set(path, name);
        copyFile(files, path, joinPath(folder, name));
      }
      meta.assetFileDef.push(create(AssetFileDefSchema, { filename: name, tensorInfo: buildTensorInfo(tensor) }));
    }
    const value = meta.assetFileDef.map((asset) => anyPack(AssetFileDefSchema, asset));
    meta.collectionDef[constants.ASSETS_KEY] = {
      $typeName: 'tensorflow.CollectionDef',
      kind: { case: 'anyList', value: { $typeName: 'tensorflow.CollectionDef.AnyList', value } },
    };
  }

  /** Writes the message, as bytes or as text, and returns its path. */
  save({ asText = false }: { readonly asText?: boolean } = {}): string {
    const name = asText ? constants.SAVED_MODEL_FILENAME_PBTXT : constants.SAVED_MODEL_FILENAME_PB;
    const path = joinPath(this.#folder, name);
    const bytes = encodeMessage(SavedModelSchema, this.#model, asText ? 'text' : 'binary');
    writeFileAtomically(this.#files(), path, (file) => file.write(bytes));
    return path;
  }
}

function pathOf(tensor: Tensor): string | undefined {
  const value = constantValue(tensor);
  const path = value?.dtype.name === 'string' && value.size === 1 ? (value.item() as StringElement) : undefined;
  return typeof path === 'string' ? path : undefined;
}

function checkSignatures(map: AddMetaGraphOptions['signatureDefMap']): void {
  for (const [key, def] of Object.entries(map ?? {})) {
    for (const [side, infos] of [
      ['inputs', def.inputs],
      ['outputs', def.outputs],
    ] as const) {
      for (const [name, info] of Object.entries(infos)) {
        if (info.encoding.case === undefined)
          throw new AssertionError(`Signature ${repr(key)}: TensorInfo of ${side} ${repr(name)} has no name.`);
        if (info.dtype === 0)
          throw new AssertionError(`Signature ${repr(key)}: TensorInfo of ${side} ${repr(name)} has no dtype.`);
      }
    }
  }
}

/**
 * Saves a session's graph and variables for serving, with one signature. Mirrors tf.compat.v1.saved_model.simple_save.
 *
 * AssertionError when `exportDir` has something in it.
 */
export function simpleSave(
  session: Session,
  exportDir: string,
  inputs: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
  options: { readonly legacyInitOp?: Operation | null } = {},
): void {
  const builder = new Builder(exportDir, { fileSystem: session.fileSystem });
  builder.addMetaGraphAndVariables(session, [tagConstants.SERVING], {
    signatureDefMap: {
      [signatureConstants.DEFAULT_SERVING_SIGNATURE_DEF_KEY]: predictSignatureDef(inputs, outputs),
    },
    assetsCollection: session.graph.getCollection<Tensor>('asset_filepaths'),
    mainOp: options.legacyInitOp,
    clearDevices: true,
  });
  builder.save();
}
