/**
 * Where the user's code made an op: captured at creation for about a microsecond, made readable only when asked for.
 *
 * The engine formats stack traces lazily, so keeping the holder object is cheap; frames inside sluice are left out.
 */

const FRAMES = 24;

/** Holds an unformatted stack trace. */
export interface Site {
  readonly stack?: string;
}

type Capture = (holder: object) => void;

const native = Error as ErrorConstructor & { captureStackTrace?: Capture; stackTraceLimit?: number };

/** Captures the current call stack; the text is made when `userFrames` reads it. */
export function captureSite(): Site {
  const limit = native.stackTraceLimit;
  native.stackTraceLimit = FRAMES;
  try {
    const holder: Site = {};
    if (!native.captureStackTrace) return new Error();
    native.captureStackTrace(holder);
    return holder;
  } finally {
    native.stackTraceLimit = limit;
  }
}

/** The file name of a stack line, and its `file:line:column`. */
function parseFrame(line: string): { file: string; at: string } | null {
  const match = /\(?((?:file:\/\/)?[^()\s][^()]*?):(\d+):(\d+)\)?$/.exec(line.trim().replace(/^at (?:.*\()?/, ''));
  return match ? { file: match[1], at: `${match[1]}:${match[2]}:${match[3]}` } : null;
}

/** The folder or bundle file that sluice itself runs from. */
const own = (() => {
  const here = parseFrame((new Error().stack ?? '').split('\n')[1] ?? '');
  if (!here) return null;
  const source = /^(.*[\\/])graph[\\/]site\.[tj]s$/.exec(here.file);
  return source ? { root: source[1], bundle: null } : { root: null, bundle: here.file };
})();

function isInternal(file: string): boolean {
  if (file.startsWith('node:') || file.includes('node:internal')) return true;
  if (!own) return false;
  if (own.bundle !== null) return file === own.bundle;
  return ['graph', 'lib', 'runtime'].some((room) => file.startsWith(`${own.root}${room}`));
}

/** The user's own frames, innermost first, as `file:line:column`. */
export function userFrames(site: Site | null): string[] {
  const lines = (site?.stack ?? '').split('\n').slice(1);
  return lines.map(parseFrame).flatMap((frame) => (frame && !isInternal(frame.file) ? [frame.at] : []));
}
