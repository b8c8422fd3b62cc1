/**
 * Event files, the logs that TensorBoard reads: records of `Event` protos, the first of which names the version.
 *
 * The names are TensorFlow's, `events.out.tfevents.<seconds>.<host><suffix>`: they sort by time. What is in the events is
 * lib/summary/fileWriter.ts.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { DataLossError } from '../../graph/errors';
import { type Event, EventSchema } from '../../graph/formats/protos/generated/event_pb';
import { nodeBuiltin } from '../nodeModules';
import { defaultFileSystem, type FileSystem } from './fileSystem';
import { joinPath } from './paths';
import { TFRecordWriter, tfRecordIterator } from './tfrecord';

const FILE_VERSION = 'brain.Event:2';
const WRITER = 'sluice';

export interface EventFileOptions {
  /** How many events may wait to be written. Default: 10. */
  readonly maxQueue?: number;
  /** How long they may wait, in seconds. Default: 120; the first of a file never wait. */
  readonly flushSecs?: number;
  /** Ends the names of the files. */
  readonly filenameSuffix?: string | null;
  /** Default: the machine's disk in Node, one in memory elsewhere. */
  readonly fileSystem?: FileSystem;
}

function hostName(): string {
  return nodeBuiltin<{ hostname(): string }>('node:os')?.hostname() ?? 'localhost';
}

/** Writers with a file that is not closed. */
const openWriters = new Set<EventFileWriter>();
let isWaitingForExit = false;

/** In Node, a program that ends without closing its writers loses no event. */
function flushAtExit(): void {
  const { process } = globalThis as { process?: { once?(event: 'exit', listener: () => void): void } };
  if (isWaitingForExit || !process?.once) return;
  isWaitingForExit = true;
  process.once('exit', () => {
    for (const writer of openWriters) {
      try {
        writer.flush();
      } catch (error) {
        console.error(`${writer.path}: events are lost: ${(error as Error).message}`);
      }
    }
  });
}

/**
 * Writes events to a file in a directory, a few at a time. The file is made with the first event; after `close`, `reopen`
 * starts another one.
 */
export class EventFileWriter {
  readonly #fileSystem: FileSystem;
  readonly #maxQueue: number;
  readonly #flushMillis: number;
  readonly #suffix: string;
  #queue: Uint8Array[] = [];
  #records: TFRecordWriter | null = null;
  #path: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isClosed = false;
  /** What went wrong where nobody called: the next caller gets it. */
  #failure: unknown = null;

  /** Makes the directory. `tf.errors` of the file system name the path. */
  constructor(
    readonly logdir: string,
    options: EventFileOptions = {},
  ) {
    this.#fileSystem = options.fileSystem ?? defaultFileSystem();
    this.#maxQueue = options.maxQueue ?? 10;
    this.#flushMillis = (options.flushSecs ?? 120) * 1000;
    this.#suffix = options.filenameSuffix ?? '';
    this.#fileSystem.makeDirectory(logdir);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The file that events go to, or null before the first one. */
  get path(): string | null {
    return this.#path;
  }

  /** Adds an event; after `close`, does nothing. Throws what went wrong with events that waited. */
  addEvent(event: Event): void {
    if (this.#isClosed) return;
    this.#throwFailure();
    this.#queue.push(toBinary(EventSchema, event));
    if (this.#records === null) this.flush();
    else {
      if (this.#queue.length > this.#maxQueue) this.#drain();
      this.#startTimer();
    }
  }

  /** Returns when all events so far are on the disk. */
  flush(): void {
    this.#stopTimer();
    this.#throwFailure();
    if (this.#isClosed || (this.#records === null && this.#queue.length === 0)) return;
    this.#drain().flush();
  }

  /** Writes what is left and closes the file. */
  close(): void {
    if (this.#isClosed) return;
    try {
      this.flush();
    } finally {
      this.#isClosed = true;
      this.#queue = [];
      const records = this.#records;
      this.#records = null;
      openWriters.delete(this);
      records?.close();
    }
  }

  /** After `close`: later events go to a new file. */
  reopen(): void {
    this.#isClosed = false;
  }

  #drain(): TFRecordWriter {
    const records = (this.#records ??= this.#open());
    for (const record of this.#queue.splice(0)) records.write(record);
    return records;
  }

  #open(): TFRecordWriter {
    let seconds = Math.floor(Date.now() / 1000);
    const pathAt = () =>
      joinPath(this.logdir, `events.out.tfevents.${String(seconds).padStart(10, '0')}.${hostName()}${this.#suffix}`);
    // A file of the same second keeps its events.
    while (this.#fileSystem.stat(pathAt()) !== undefined) seconds++;
    this.#path = pathAt();
    const records = new TFRecordWriter(this.#path, { fileSystem: this.#fileSystem });
    openWriters.add(this);
    flushAtExit();
    const what = { case: 'fileVersion', value: FILE_VERSION } as const;
    const first = create(EventSchema, { wallTime: seconds, what, sourceMetadata: { writer: WRITER } });
    records.write(toBinary(EventSchema, first));
    return records;
  }

  /** Events must not wait for one more when none comes; waiting keeps no process alive. */
  #startTimer(): void {
    if (this.#timer !== null || !Number.isFinite(this.#flushMillis)) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      try {
        this.flush();
      } catch (error) {
        this.#failure = error;
      }
    }, this.#flushMillis);
    (this.#timer as { unref?(): void }).unref?.();
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

export interface ReadOptions {
  /** Default: the machine's disk in Node, one in memory elsewhere. */
  readonly fileSystem?: FileSystem;
}

/**
 * The events of a file, one after the other. Mirrors tf.compat.v1.train.summary_iterator.
 *
 * DataLossError where a checksum is wrong, or the file ends inside an event, as the file of a running program may;
 * NotFoundError at once when there is no such file.
 */
export function summaryIterator(path: string, options: ReadOptions = {}): IterableIterator<Event> {
  return events(tfRecordIterator(path, options), path);
}

function* events(records: IterableIterator<Uint8Array>, path: string): IterableIterator<Event> {
  let index = 0;
  for (const record of records) yield parseEvent(record, `${path}: record ${index++}`);
}

function parseEvent(record: Uint8Array, where: string): Event {
  try {
    return fromBinary(EventSchema, record);
  } catch (error) {
    throw new DataLossError(`${where} is no event: ${(error as Error).message}`);
  }
}
