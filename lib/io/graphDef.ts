/**
 * GraphDefs as files: binary (`.pb`), text (`.pbtxt`) and JSON, read and written.
 */

import { DataLossError } from '../../graph/errors';
import { decodeMessage, encodeMessage, type MessageFormat } from '../../graph/formats/codec';
import { graphToProto } from '../../graph/formats/exportGraphDef';
import { type GraphDef, GraphDefSchema } from '../../graph/formats/protos/generated/graph_pb';
import { Graph } from '../../graph/graph';
import { defaultFileSystem, type FileSystem, readFile, writeFileAtomically } from '../../runtime/files/fileSystem';
import { joinPath } from '../../runtime/files/paths';

/** No protobuf message is larger. */
const MOST_BYTES = 2 ** 31 - 1;

export interface GraphFileOptions {
  /** Default: found out from the bytes. */
  readonly format?: MessageFormat;
  /** Default: the machine's disk in Node, one in memory elsewhere. */
  readonly fileSystem?: FileSystem;
}

/** A whole file that is a message; DataLossError when it is larger than any. */
export function readMessageFile(fileSystem: FileSystem, path: string): Uint8Array {
  return readFile(
    fileSystem,
    path,
    MOST_BYTES,
    (size) => new DataLossError(`${path} has ${size} bytes, more than a protobuf message can have (${MOST_BYTES}).`),
  );
}

/** A GraphDef from its bytes, or from its text or JSON. DataLossError or InvalidArgumentError when they hold none. */
export function parseGraphDef(data: Uint8Array | string, format?: MessageFormat): GraphDef {
  return decodeMessage(GraphDefSchema, data, { source: 'the data', format });
}

/** A GraphDef of a file, whatever its form. NotFoundError, DataLossError or InvalidArgumentError name the file and the place in it. */
export function readGraphDef(path: string, options: GraphFileOptions = {}): GraphDef {
  const bytes = readMessageFile(options.fileSystem ?? defaultFileSystem(), path);
  return decodeMessage(GraphDefSchema, bytes, { source: path, format: options.format });
}

/** A GraphDef as bytes, or as the UTF-8 of its text or JSON. */
export function serializeGraphDef(graph: Graph | GraphDef, format: MessageFormat = 'binary'): Uint8Array {
  return encodeMessage(GraphDefSchema, graph instanceof Graph ? graphToProto(graph) : graph, format);
}

export interface WriteGraphOptions {
  /** Text rather than bytes. Default true. */
  readonly asText?: boolean;
  /** Overrules `asText`. */
  readonly format?: MessageFormat;
  readonly fileSystem?: FileSystem;
}

/**
 * Writes a graph into `logdir`, which is made when it is not there, and returns the path. A crash leaves the old file or
 * the new one. Mirrors tf.io.write_graph.
 */
export function writeGraph(
  graphOrGraphDef: Graph | GraphDef,
  logdir: string,
  name: string,
  { asText = true, format = asText ? 'text' : 'binary', fileSystem = defaultFileSystem() }: WriteGraphOptions = {},
): string {
  const bytes = serializeGraphDef(graphOrGraphDef, format);
  const path = joinPath(logdir, name);
  fileSystem.makeDirectory(logdir);
  writeFileAtomically(fileSystem, path, (file) => file.write(bytes));
  return path;
}
