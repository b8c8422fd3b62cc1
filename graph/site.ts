/**
 * Where the user's code made an op: captured at creation, made readable only when asked for.
 *
 * The engine formats stack traces lazily, and a captured frame costs time and memory, so few are taken: the frames of
 * sluice that may lie above the user's line grow with the scopes that are open, and the limit with them. What is
 * built in one call of the user (a transaction) shares one site. Frames inside sluice are left out of the text.
 */

/** Frames of an op made in no scope: those of sluice, and a few of the user's. */
const FRAMES = 8;

/** Frames that a scope around a callback may add. */
const FRAMES_PER_SCOPE = 6;

const MOST_FRAMES = 64;

/** Holds an unformatted stack trace. */
export interface Site {
  readonly stack?: string;
}

const native = Error as ErrorConstructor & { stackTraceLimit?: number };

let openScopes = 0;
let shared: Site | null = null;

function capture(): Site {
  const limit = native.stackTraceLimit;
  native.stackTraceLimit = Math.min(FRAMES + openScopes * FRAMES_PER_SCOPE, MOST_FRAMES);
  try {
    return new Error();
  } finally {
    native.stackTraceLimit = limit;
  }
}

/** The current call stack; the text is made when `userFrames` reads it. */
export function captureSite(): Site {
  return shared ?? capture();
}

/** Runs the callback of a scope, which puts frames between the user's line and the ops made inside. */
export function insideScope<V, R>(body: (value: V) => R, value: V): R {
  openScopes++;
  try {
    return body(value);
  } finally {
    openScopes--;
  }
}

/** All ops made by `build` are of one call of the user, and share its site. */
export function atOneSite<R>(build: () => R): R {
  if (shared !== null) return build();
  shared = capture();
  try {
    return build();
  } finally {
    shared = null;
  }
}

/** Calls a function of the user's from within a transaction: ops made inside have lines of their own. */
export function callUser<R>(body: () => R): R {
  const outer = shared;
  shared = null;
  try {
    return body();
  } finally {
    shared = outer;
  }
}

/** The file name of a stack line, and its `file:line:column`: V8's lines, and those of other engines. */
function parseFrame(line: string): { file: string; at: string } | null {
  const match = /^at (?:.*? \()?(.+):(\d+):(\d+)\)?$/.exec(line.trim()) ?? /^[^@]*@(.+):(\d+):(\d+)$/.exec(line.trim());
  return match ? { file: match[1], at: `${match[1]}:${match[2]}:${match[3]}` } : null;
}

/** The folder or bundle file that sluice itself runs from. */
const own = (() => {
  const here = parseFrame((new Error().stack ?? '').split('\n')[1] ?? '');
  if (!here) return null;
  const source = /^(.*[\\/])graph[\\/]site\.[tj]s$/.exec(here.file);
  return source
    ? { rooms: ['graph', 'lib', 'runtime'].map((room) => `${source[1]}${room}`), bundle: null }
    : { rooms: [], bundle: here.file };
})();

function isInternal(file: string): boolean {
  if (file.startsWith('node:') || file.includes('node:internal')) return true;
  if (!own) return false;
  return (
    file === own.bundle || own.rooms.some((room) => file.startsWith(room) && /^[\\/]/.test(file.slice(room.length)))
  );
}

/** The user's own frames, innermost first, as `file:line:column`. */
export function userFrames(site: Site | null): string[] {
  const lines = (site?.stack ?? '').split('\n').slice(1);
  return lines.map(parseFrame).flatMap((frame) => (frame && !isInternal(frame.file) ? [frame.at] : []));
}
