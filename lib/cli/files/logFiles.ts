/**
 * Kinds of files: event files and folders of them, and other record files.
 */
import { fromBinary } from '@bufbuild/protobuf';
import type { GraphDef } from '../../../graph/formats/protos/generated/graph_pb';
import { GraphDefSchema } from '../../../graph/formats/protos/generated/graph_pb';
import { MetaGraphDefSchema } from '../../../graph/formats/protos/generated/meta_graph_pb';
import { maskedCrc32c } from '../../../runtime/files/crc32c';
import { tfRecordIterator } from '../../../runtime/files/tfrecord';
import { Report } from '../../inspect/report';
import { eventsOf, logFiles, logReport } from '../logs';
import { sizeText, UsageError } from '../output';
import { fromGraphDef } from './graphDefs';
import type { InputFile } from './inputFile';
import type { FileKind, LoadedGraph } from './kind';

const HEADER_BYTES = 12;

/** The first record of a record file; undefined for other files. Only the head is read. */
function firstRecord(file: InputFile): Uint8Array | undefined {
  if (!file.isFile || file.path === '-') return undefined;
  const { head } = file;
  if (head.length < HEADER_BYTES) return undefined;
  const view = new DataView(head.buffer, head.byteOffset);
  if (view.getUint32(8, true) !== maskedCrc32c(head.subarray(0, 8))) return undefined;
  return head.subarray(HEADER_BYTES, HEADER_BYTES + view.getUint32(0, true));
}

/** An event whose version starts so; field 3 of the proto, behind the wall time. */
function isVersion(record: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(record).includes('brain.Event:');
}

function isEventFile(file: InputFile): boolean {
  const record = firstRecord(file);
  return record !== undefined && isVersion(record);
}

/** The newest graph of a log: TensorBoard's choice too. */
function loggedGraph(file: InputFile): LoadedGraph {
  if (file.part !== undefined && file.part !== 'graph')
    throw new UsageError(`a log has a #graph, and no #${file.part}`);
  let found: GraphDef | undefined;
  for (const { path } of logFiles(file)) {
    for (const { what } of eventsOf(file, path)) {
      if (what.case === 'graphDef') found = fromBinary(GraphDefSchema, what.value);
      else if (what.case === 'metaGraphDef') found ??= fromBinary(MetaGraphDefSchema, what.value).graphDef;
    }
  }
  if (found === undefined) throw new UsageError('no event has a graph');
  return fromGraphDef(found);
}

function recordsReport(file: InputFile): Report<unknown> {
  let [count, bytes] = [0, 0];
  for (const record of tfRecordIterator(file.path)) {
    count++;
    bytes += record.length;
  }
  return new Report(
    { kind: 'records', count, bytes },
    `${count.toLocaleString('en')} records, ${sizeText(bytes)} in them`,
  );
}

export const logKinds: readonly FileKind[] = [
  {
    name: 'events',
    about: 'a file of events',
    matches: isEventFile,
    overview: logReport,
    graph: loggedGraph,
  },
  {
    name: 'logs',
    about: 'a folder of event files',
    matches: (file) => file.isDirectory && !file.names.includes('checkpoint') && logFiles(file).length > 0,
    overview: logReport,
    graph: loggedGraph,
  },
  {
    name: 'records',
    about: 'a record file',
    matches: (file) => firstRecord(file) !== undefined,
    overview: recordsReport,
  },
];
