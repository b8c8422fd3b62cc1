/**
 * `tf.summary.FileWriter`: summaries, graphs and step statistics into event files that TensorBoard shows.
 *
 * In browsers the files are in memory, unless the options name another file system.
 */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { GraphTypeError, typeWord, ValueError } from '../../graph/errors';
import { graphToProto } from '../../graph/formats/exportGraphDef';
import { RunMetadataSchema } from '../../graph/formats/protos/generated/config_pb';
import { EventSchema, type SessionLogSchema } from '../../graph/formats/protos/generated/event_pb';
import { type GraphDef, GraphDefSchema } from '../../graph/formats/protos/generated/graph_pb';
import { type MetaGraphDef, MetaGraphDefSchema } from '../../graph/formats/protos/generated/meta_graph_pb';
import { SummarySchema } from '../../graph/formats/protos/generated/summary_pb';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import type { RunMetadata } from '../../runtime/config';
import { type EventFileOptions, EventFileWriter } from '../../runtime/files/eventFile';
import { exportMetaGraph } from '../train/metaGraph/exportMetaGraph';
import { runMetadataProto } from './runMetadata';

/** What `addSummary` takes: the value of a summary op, or the proto by its fields. */
export type SummaryLike = NdArray | Uint8Array | string | MessageInitShape<typeof SummarySchema>;

/** A step: number or bigint; an event without one is of step 0. */
export type Step = number | bigint | null;

const encoder = new TextEncoder();

function summaryOf(given: SummaryLike): MessageInitShape<typeof SummarySchema> {
  const value: unknown = given instanceof NdArray ? given.item() : given;
  if (typeof value === 'string') return fromBinary(SummarySchema, encoder.encode(value));
  return value instanceof Uint8Array
    ? fromBinary(SummarySchema, value)
    : (given as MessageInitShape<typeof SummarySchema>);
}

function graphDefOf(graph: Graph | GraphDef): GraphDef {
  if (graph instanceof Graph) return graphToProto(graph, { addShapes: true });
  if (graph?.$typeName === GraphDefSchema.typeName) return graph;
  throw new GraphTypeError('The passed graph must be an instance of `Graph` or the deprecated `GraphDef`');
}

export interface FileWriterOptions extends EventFileOptions {
  /** Written at once, with its MetaGraph: TensorBoard shows it. */
  readonly graph?: Graph | null;
}

/** Writes event files into a directory; `using` closes it. Mirrors tf.compat.v1.summary.FileWriter. */
export class FileWriter implements Disposable {
  readonly #writer: EventFileWriter;
  readonly #seenTags = new Set<string>();
  readonly #runTags = new Set<string>();

  /** Makes the directory. The graph may stand before the options. */
  constructor(logdir: string, graph?: Graph | null | FileWriterOptions, options: FileWriterOptions = {}) {
    const given = graph instanceof Graph || graph === null || graph === undefined ? { graph, ...options } : graph;
    this.#writer = new EventFileWriter(logdir, given);
    if (!given.graph) return;
    const graphDef = graphDefOf(given.graph);
    this.addGraph(graphDef);
    this.addMetaGraph(exportMetaGraph({ graph: given.graph, graphDef }));
  }

  /** The directory. */
  getLogdir(): string {
    return this.#writer.logdir;
  }

  /** The file that events go to, or null before the first one. */
  get path(): string | null {
    return this.#writer.path;
  }

  /**
   * Adds the value of a summary op, or a Summary proto. Metadata are kept with the first value of each tag only.
   *
   * An Error of the proto library when the bytes are no Summary.
   */
  addSummary(summary: SummaryLike, globalStep: Step = null): void {
    const copy = create(SummarySchema, summaryOf(summary));
    const value = copy.value.map((one) => {
      if (!this.#seenTags.has(one.tag)) {
        this.#seenTags.add(one.tag);
        return one;
      }
      return { ...one, metadata: undefined };
    });
    this.#add({ case: 'summary', value: create(SummarySchema, { value }) }, globalStep);
  }

  /** Adds a graph, with its static shapes; or a GraphDef as it is. TypeError for anything else. */
  addGraph(graph: Graph | GraphDef, globalStep: Step = null): void {
    this.#add({ case: 'graphDef', value: toBinary(GraphDefSchema, graphDefOf(graph)) }, globalStep);
  }

  /** Adds a MetaGraphDef. */
  addMetaGraph(metaGraphDef: MetaGraphDef, globalStep: Step = null): void {
    if (metaGraphDef?.$typeName !== MetaGraphDefSchema.typeName)
      throw new GraphTypeError(`meta_graph_def must be type MetaGraphDef, saw type: ${typeWord(metaGraphDef)}`);
    this.#add({ case: 'metaGraphDef', value: toBinary(MetaGraphDefSchema, metaGraphDef) }, globalStep);
  }

  /** Adds the start, stop or checkpoint of a session. */
  addSessionLog(sessionLog: MessageInitShape<typeof SessionLogSchema>, globalStep: Step = null): void {
    this.#add({ case: 'sessionLog', value: sessionLog }, globalStep);
  }

  /**
   * Adds what `session.run` noted of a run: TensorBoard's graph page shows the time of each node.
   *
   * ValueError when the tag was used before.
   */
  addRunMetadata(
    runMetadata: RunMetadata | MessageInitShape<typeof RunMetadataSchema>,
    tag: string,
    globalStep: Step = null,
  ): void {
    if (this.#runTags.has(tag)) throw new ValueError('The provided tag was already used for this event type');
    this.#runTags.add(tag);
    const bytes = toBinary(RunMetadataSchema, create(RunMetadataSchema, runMetadataProto(runMetadata)));
    this.#add({ case: 'taggedRunMetadata', value: { tag, runMetadata: bytes } }, globalStep);
  }

  /** Adds an event as it is. */
  addEvent(event: MessageInitShape<typeof EventSchema>): void {
    this.#warnIfClosed();
    this.#writer.addEvent(create(EventSchema, event));
  }

  /** Returns when all events so far are on the disk. */
  flush(): void {
    this.#warnIfClosed();
    this.#writer.flush();
  }

  /** Writes what is left and closes the file. */
  close(): void {
    this.#writer.close();
  }

  /** After `close`: later events go to a new file. Does nothing otherwise. */
  reopen(): void {
    this.#writer.reopen();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #add(what: MessageInitShape<typeof EventSchema>['what'], globalStep: Step): void {
    const step =
      globalStep === null ? 0n : BigInt(typeof globalStep === 'number' ? Math.trunc(globalStep) : globalStep);
    this.addEvent({ wallTime: Date.now() / 1000, step, what });
  }

  #warnIfClosed(): void {
    if (!this.#writer.isClosed) return;
    console.warn(
      'Attempting to use a closed FileWriter. The operation will be a noop unless the FileWriter is explicitly reopened.',
    );
  }
}

let cache = new Map<string, FileWriter>();

/** One writer per directory, made when first asked for, with the default graph. Mirrors tf.compat.v1.summary.FileWriterCache. */
export const FileWriterCache = {
  get(logdir: string): FileWriter {
    let writer = cache.get(logdir);
    if (!writer) cache.set(logdir, (writer = new FileWriter(logdir, getDefaultGraph())));
    return writer;
  },
  /** Closes all writers and forgets them. */
  clear(): void {
    for (const writer of cache.values()) writer.close();
    cache = new Map();
  },
} as const;
