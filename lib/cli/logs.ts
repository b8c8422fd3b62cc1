/**
 * What is in event files: runs, their tags, and the numbers of scalars. A file that ends inside an event, as that of a
 * running program may, gives what is before.
 */
import { DataLossError } from '../../graph/errors';
import type { Event } from '../../graph/formats/protos/generated/event_pb';
import type { Summary_Value } from '../../graph/formats/protos/generated/summary_pb';
import { tensorFromProto } from '../../graph/formats/tensorProto';
import { summaryIterator } from '../../runtime/files/eventFile';
import { basename, dirname, joinPath } from '../../runtime/files/paths';
import { Report } from '../inspect/report';
import { formatTable } from '../inspect/table';
import type { InputFile } from './files/inputFile';

const DEEPEST = 12;
const LONGEST_TAG = 60;

export interface LogFile {
  readonly path: string;
  /** The folder within the log, `.` for the log itself. */
  readonly run: string;
}

/** The event files of a log: the file itself, or all below a folder. */
export function logFiles(file: InputFile): LogFile[] {
  if (!file.isDirectory) return [{ path: file.path, run: basename(dirname(file.path)) || '.' }];
  const found: LogFile[] = [];
  const walk = (folder: string, run: string, depth: number) => {
    for (const name of file.fileSystem.list(folder)) {
      const path = joinPath(folder, name);
      if (file.fileSystem.stat(path)?.isDirectory) {
        if (depth < DEEPEST) walk(path, run === '.' ? name : `${run}/${name}`, depth + 1);
      } else if (name.includes('tfevents')) found.push({ path, run });
    }
  };
  walk(file.path, '.', 0);
  return found;
}

/** The events of a file up to where it is damaged, which `damage` gets to know. */
export function* eventsOf(file: InputFile, path: string, damage: (text: string) => void = () => {}): Generator<Event> {
  const events = summaryIterator(path, { fileSystem: file.fileSystem });
  for (;;) {
    let next: IteratorResult<Event>;
    try {
      next = events.next();
    } catch (error) {
      if (!(error instanceof DataLossError)) throw error;
      damage(error.message);
      return;
    }
    if (next.done) return;
    yield next.value;
  }
}

export interface TagInfo {
  readonly run: string;
  readonly tag: string;
  readonly kind: string;
  count: number;
  first: number;
  last: number;
}

export interface LogInfo {
  readonly kind: 'log';
  readonly files: number;
  readonly events: number;
  readonly tags: readonly TagInfo[];
  /** Where files are damaged, or not written to the end. */
  readonly damaged: readonly string[];
}

/** What shows a value: its kind, or the plugin it is for. */
function kindOfValue({ value, metadata }: Summary_Value): string {
  const plugin = metadata?.pluginData?.pluginName;
  if (value.case === 'tensor') return plugin || 'tensor';
  return { simpleValue: 'scalar', histo: 'histogram' }[value.case as string] ?? value.case ?? 'nothing';
}

/** Everything of an event that has a name, as rows of a table. */
function entriesOf({ what }: Event): { tag: string; kind: string }[] {
  switch (what.case) {
    case 'summary':
      return what.value.value.map((value) => ({ tag: value.tag, kind: kindOfValue(value) }));
    case 'taggedRunMetadata':
      return [{ tag: what.value.tag, kind: 'run' }];
    case 'graphDef':
      return [{ tag: 'graph', kind: 'graph' }];
    case 'metaGraphDef':
      return [{ tag: 'graph', kind: 'meta graph' }];
    case 'sessionLog':
      return [{ tag: 'session', kind: 'log' }];
    default:
      return [];
  }
}

/** Runs, tags, kinds, and which steps they have. */
export function logReport(file: InputFile): Report<LogInfo> {
  const files = logFiles(file);
  const tags = new Map<string, TagInfo>();
  const damaged: string[] = [];
  let events = 0;
  for (const { path, run } of files) {
    for (const event of eventsOf(file, path, (text) => damaged.push(text))) {
      events++;
      for (const { tag, kind } of entriesOf(event)) {
        const step = Number(event.step);
        // Metadata stand with the first value of a tag only.
        const known = [...(kind === 'tensor' ? tags.values() : [])].find(
          (info) => info.run === run && info.tag === tag,
        );
        const key = `${run}\0${tag}\0${known?.kind ?? kind}`;
        const info = tags.get(key) ?? { run, tag, kind, count: 0, first: step, last: step };
        tags.set(key, info);
        info.count++;
        info.first = Math.min(info.first, step);
        info.last = Math.max(info.last, step);
      }
    }
  }
  const infos = [...tags.values()];
  const rows = infos.map(({ run, tag, kind, count, first, last }) => [
    run,
    tag,
    kind,
    String(count),
    first === last ? String(first) : `${first}…${last}`,
  ]);
  const footer = [
    `${files.length} ${files.length === 1 ? 'file' : 'files'}, ${events} events`,
    ...damaged.map((text) => `damaged: ${text}`),
  ];
  const columns = [
    { title: 'run' },
    { title: 'tag', maxWidth: LONGEST_TAG },
    { title: 'kind' },
    { title: 'count', align: 'right' as const },
    { title: 'steps', align: 'right' as const },
  ];
  const data: LogInfo = { kind: 'log', files: files.length, events, tags: infos, damaged };
  return new Report(data, formatTable(columns, rows, footer));
}

export interface Point {
  readonly run: string;
  readonly tag: string;
  readonly step: number;
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly value: number;
}

/** The number of a scalar, as either generation of summaries holds it; undefined for other values. */
function numberOf({ value }: Summary_Value): number | undefined {
  if (value.case === 'simpleValue') return value.value;
  if (value.case !== 'tensor') return undefined;
  const tensor = tensorFromProto(value.value, 'a scalar');
  return tensor.size === 1 && tensor.dtype.isFloating && tensor.dtype.size > 2 ? Number(tensor.data[0]) : undefined;
}

/** The scalars of a log whose tags and runs match, in the order of the files. */
export function scalarsOf(
  file: InputFile,
  matches: (run: string, tag: string) => boolean,
  damage: (text: string) => void,
): Point[] {
  return logFiles(file).flatMap(({ path, run }) =>
    Array.from(eventsOf(file, path, damage)).flatMap(({ what, step, wallTime }) => {
      if (what.case !== 'summary') return [];
      return what.value.value.flatMap((one) => {
        const value = matches(run, one.tag) ? numberOf(one) : undefined;
        return value === undefined ? [] : [{ run, tag: one.tag, step: Number(step), wallTime, value }];
      });
    }),
  );
}
