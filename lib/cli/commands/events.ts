/**
 * `sluice events ls|scalars|text|media|cat`: what is in event files, and out of them: numbers as a table, CSV or JSON.
 */
import { toJson as messageToJson } from '@bufbuild/protobuf';
import { EventSchema } from '../../../graph/formats/protos/generated/event_pb';
import { tensorFromProto } from '../../../graph/formats/tensorProto';
import { Report } from '../../inspect/report';
import { formatTable } from '../../inspect/table';
import { InputFile } from '../files/inputFile';
import { kindOf } from '../files/kinds';
import { eventsOf, logFiles, logReport, type Point, scalarsOf } from '../logs';
import { type Context, FileError, type Shared, show, sizeText, writeFile } from '../output';
import { matcher } from '../patterns';

interface Selection extends Shared {
  readonly tag?: string;
  readonly run?: string;
}

/** A log: an event file, or a folder with some. */
function openLog(given: string): InputFile {
  const file = new InputFile(given);
  const kind = kindOf(file);
  if (kind.name !== 'events' && kind.name !== 'logs') throw new FileError(`${given} is no log: it is ${kind.about}`);
  return file;
}

function csv(points: readonly Point[]): string {
  const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = points.map(({ run, tag, step, wallTime, value }) =>
    [quoted(run), quoted(tag), step, wallTime, value].join(','),
  );
  return `${['run,tag,step,wall_time,value', ...rows].join('\n')}\n`;
}

function scalarsReport(points: readonly Point[]): Report<readonly Point[]> {
  const rows = points.map(({ run, tag, step, wallTime, value }) => [
    run,
    tag,
    String(step),
    new Date(wallTime * 1000).toISOString(),
    String(Number(value.toPrecision(8))),
  ]);
  const right = 'right' as const;
  const columns = [
    { title: 'run' },
    { title: 'tag' },
    { title: 'step', align: right },
    { title: 'time' },
    { title: 'value', align: right },
  ];
  return new Report(points, formatTable(columns, rows, [`${points.length} values`]));
}

interface TextValue {
  readonly run: string;
  readonly tag: string;
  readonly step: number;
  readonly text: unknown;
}

interface MediaFile {
  readonly run: string;
  readonly tag: string;
  readonly step: number;
  readonly file: string;
  readonly bytes: number;
}

/** One plain name, whatever the log calls its runs and tags. */
function mediaName(run: string, tag: string, step: bigint, kind: 'image' | 'audio'): string {
  const stem = (run === '.' ? tag : `${run}_${tag}`).replace(/[^\p{L}\p{N}_-]+/gu, '_');
  return `${stem}_${step}.${kind === 'image' ? 'png' : 'wav'}`;
}

export function addEventsCommands(context: Context): void {
  const { command, plain, output, finding } = context;
  const group = plain('events', 'the event files of a log, which TensorBoard shows');
  const selecting = (name: string, description: string) =>
    command(`${name} <log>`, description, group)
      .option('--tag <pattern>', 'only those: * within a scope, ** anything, or /regular expression/')
      .option('--run <pattern>', 'only the folders of that name');
  const damage = (text: string) => {
    output.writeError(`sluice: ${text}\n`);
    finding();
  };
  const matches = ({ run, tag }: Selection) => {
    const [runMatches, tagMatches] = [matcher(run), matcher(tag)];
    return (ofRun: string, ofTag: string) => runMatches(ofRun) && tagMatches(ofTag);
  };

  command('ls <log>', 'runs, tags, and which steps they have', group).action((log: string, options: Shared) => {
    const found = logReport(openLog(log));
    show(found, options, output);
    if (found.data.damaged.length > 0) finding();
  });
  selecting('scalars', 'the numbers that were logged')
    .option('--csv', 'print comma-separated values')
    .action((log: string, options: Selection & { csv?: boolean }) => {
      const points = scalarsOf(openLog(log), matches(options), damage);
      if (options.csv) output.write(csv(points));
      else show(scalarsReport(points), options, output);
    });
  selecting('text', 'the text that was logged').action((log: string, options: Selection) => {
    const file = openLog(log);
    const isWanted = matches(options);
    const found = logFiles(file).flatMap(({ path, run }) =>
      Array.from(eventsOf(file, path, damage)).flatMap(({ what, step }): TextValue[] => {
        if (what.case !== 'summary') return [];
        return what.value.value.flatMap(({ tag, value }) => {
          if (value.case !== 'tensor' || !isWanted(run, tag)) return [];
          const tensor = tensorFromProto(value.value, tag);
          return tensor.dtype.name === 'string' ? [{ run, tag, step: Number(step), text: tensor.toArray() }] : [];
        });
      }),
    );
    const lines = found.map(({ run, tag, step, text }) => {
      const shown = Array.isArray(text) ? JSON.stringify(text) : String(text);
      return `${run} ${tag} ${step}: ${shown}`;
    });
    show(new Report(found, lines.join('\n')), options, output);
  });
  selecting('media', 'the pictures and sounds that were logged, as files')
    .requiredOption('-o, --output <folder>', 'write there')
    .action((log: string, options: Selection & { output: string }) => {
      const file = openLog(log);
      const isWanted = matches(options);
      const folder = new InputFile(options.output);
      folder.fileSystem.makeDirectory(options.output);
      const found = logFiles(file).flatMap(({ path, run }) =>
        Array.from(eventsOf(file, path, damage)).flatMap(({ what, step }) => {
          if (what.case !== 'summary') return [];
          return what.value.value.flatMap(({ tag, value }): MediaFile[] => {
            if ((value.case !== 'image' && value.case !== 'audio') || !isWanted(run, tag)) return [];
            const name = mediaName(run, tag, step, value.case);
            const bytes = value.case === 'image' ? value.value.encodedImageString : value.value.encodedAudioString;
            writeFile(folder.within(name), bytes);
            return [{ run, tag, step: Number(step), file: name, bytes: bytes.length }];
          });
        }),
      );
      const lines = found.map(({ file: name, bytes }) => `${name}  ${sizeText(bytes)}`);
      show(new Report(found, [...lines, `${found.length} files`].join('\n')), options, output);
    });
  plain('cat <log>', 'every event as one line of JSON', group).action((log: string) => {
    const file = openLog(log);
    for (const { path } of logFiles(file))
      for (const event of eventsOf(file, path, damage))
        output.write(`${JSON.stringify(messageToJson(EventSchema, event))}\n`);
  });
}
