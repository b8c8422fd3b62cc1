/**
 * What a kind of file is to the command line.
 */
import type { MetaGraphDef } from '../../../graph/formats/protos/generated/meta_graph_pb';
import type { Graph } from '../../../graph/graph';
import type { NdArray } from '../../../graph/ndarray';
import type { SessionConfig } from '../../../runtime/config';
import type { Session } from '../../../runtime/session';
import type { Report } from '../../inspect/report';
import type { InputFile } from './inputFile';

/** Inputs and outputs of a model by the names that users of it know. */
export interface Signature {
  /** The names of tensors, by those of the signature. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A graph, and what its file says of running it. */
export interface LoadedGraph {
  readonly graph: Graph;
  /** A session with the values that come with the file; over a graph of its own, perhaps. Default: an empty one. */
  readonly open?: (config: SessionConfig) => Session;
  readonly signatures?: ReadonlyMap<string, Signature>;
  /** What the graph came in: it has a saver and signatures as TensorFlow writes them. */
  readonly meta?: MetaGraphDef;
}

/** Arrays by name, read one at a time. */
export interface NamedArrays {
  readonly names: readonly string[];
  dtypeOf(name: string): string;
  shapeOf(name: string): readonly number[];
  read(name: string): NdArray;
}

export interface FileKind {
  /** The name that `show` prints, and `convert` takes. */
  readonly name: string;
  /** With an article, for messages. */
  readonly about: string;
  readonly matches: (file: InputFile) => boolean;
  /** What is in the file, without what it holds. */
  readonly overview: (file: InputFile) => Report<unknown>;
  readonly graph?: (file: InputFile) => LoadedGraph;
  readonly arrays?: (file: InputFile) => NamedArrays;
}
