/**
 * Where the user's code made an op: captured at creation, made readable only when asked for.
 *
 * Walking the stack costs more than all else that building an op does, and a captured stack is larger than the op. So few
 * frames are taken: enough for the functions of sluice above a single op and some of the user's, and more inside scopes
 * that sluice opened. Whatever nests deeper is built in a transaction of the graph, which captures one site for all its
 * ops. Ops made by the same calls share one site, where the engine can tell. Frames inside sluice are left out of the text.
 */

/** Frames captured for a single op. */
const FRAMES = 7;

/** Frames that a scope adds. */
const SCOPE_FRAMES = 4;

/** Frames captured for all ops of one call. */
const SHARED_FRAMES = 16;

/** Holds an unformatted stack trace. */
export interface Site {
  readonly stack?: string;
  /** The call that led here, for ops made by a function which sluice called. */
  readonly within?: Site;
}

/** A frame as V8 shows it to `Error.prepareStackTrace`. */
interface CallSite {
  getPosition(): number;
  getScriptNameOrSourceURL(): string | null;
}

const native = Error as ErrorConstructor & {
  stackTraceLimit?: number;
  prepareStackTrace?: (error: Error, frames: readonly CallSite[]) => unknown;
};

let shared: Site | null = null;
let enclosing: Site | null = null;
let scopes = 0;

/** The current call stack; the text is made when `userFrames` reads it. */
export function captureSite(frames = FRAMES): Site {
  if (shared !== null) return shared;
  const limit = native.stackTraceLimit;
  native.stackTraceLimit = frames + scopes * SCOPE_FRAMES;
  const site = (canCompare ? knownSite() : null) ?? newSite();
  native.stackTraceLimit = limit;
  return site;
}

function newSite(): Site {
  const site = new Error() as Site & { within?: Site };
  if (enclosing !== null) site.within = enclosing;
  if (canCompare) remember(site);
  return site;
}

/** The site of an op that the same calls made before, if it is remembered. */
function knownSite(): Site | null {
  const before = native.prepareStackTrace;
  native.prepareStackTrace = findKnown;
  const found = new Error().stack as unknown as Site | null;
  native.prepareStackTrace = before;
  return found;
}

/** A site that was captured before. Two hashes, 64 bits in all, of its frames' positions tell it from others. */
interface Known {
  readonly site: Site;
  readonly within: Site | null;
  readonly check: number;
  /** The innermost frame that is not sluice's, and its script: pieces of code that are run one by one have equal positions. */
  readonly user: number;
  readonly script: string | null;
}

const known = new Map<number, Known>();

/** How many sites are remembered before all are forgotten. */
const REMEMBERED = 10_000;

/** What was looked at last, if it was not known. */
let latest: readonly CallSite[] = [];
let latestHash = 0;
let latestCheck = 0;

/** Takes the place of the engine's formatting of a trace, which is what shows frames without making their text. */
function findKnown(_error: Error, frames: readonly CallSite[]): Site | null {
  let hash = frames.length;
  let check = 0;
  for (let i = OWN_FRAMES; i < frames.length; i++) {
    const position = frames[i].getPosition();
    hash = (Math.imul(hash, 31) + position) | 0;
    check = Math.imul(check ^ position, 0x9e3779b1) ^ (check >>> 15);
  }
  const found = known.get(hash);
  if (
    found !== undefined &&
    found.check === check &&
    found.within === enclosing &&
    (found.script === null || found.script === frames[found.user].getScriptNameOrSourceURL())
  )
    return found.site;
  latest = frames;
  latestHash = hash;
  latestCheck = check;
  return null;
}

/** The frames of `knownSite` and `captureSite`. */
const OWN_FRAMES = 2;

/** Remembers a site of the frames that were looked at last. */
function remember(site: Site): void {
  if (known.size >= REMEMBERED) known.clear();
  const scripts = latest.map((frame) => frame.getScriptNameOrSourceURL());
  const user = scripts.findIndex((script, i) => i >= OWN_FRAMES && typeof script === 'string' && !isOwn(script));
  known.set(latestHash, { site, within: enclosing, check: latestCheck, user, script: scripts[user] ?? null });
  latest = [];
}

/** Whether the engine shows the frames of a trace, as V8 does. */
const canCompare = (() => {
  const { prepareStackTrace } = native;
  try {
    native.prepareStackTrace = (_error, frames) => typeof frames?.[0]?.getPosition?.() === 'number';
    return (new Error().stack as unknown) === true;
  } catch {
    return false;
  } finally {
    native.prepareStackTrace = prepareStackTrace;
  }
})();

/** All ops made until `unshareSite` are of one call of the user, and share its site. Returns what `unshareSite` takes. */
export function shareSite(): Site | null {
  const outer = shared;
  shared = captureSite(SHARED_FRAMES);
  return outer;
}

export function unshareSite(outer: Site | null): void {
  shared = outer;
}

/** Ops made inside are nobody's: those of a file, say, which no line of the user's made. */
export function withoutSite<R>(body: () => R): R {
  const outer = shared;
  shared = {};
  try {
    return body();
  } finally {
    shared = outer;
  }
}

/** Calls the body of a scope. */
export function insideScope<V, R>(body: (value: V) => R, value: V): R {
  scopes++;
  try {
    return body(value);
  } finally {
    scopes--;
  }
}

/** Calls a function of the user's: ops made inside have lines of their own, however deep sluice is. */
export function callUser<R>(body: () => R): R {
  const outer = [shared, enclosing, scopes] as const;
  enclosing = shared ?? enclosing;
  shared = null;
  scopes = 0;
  try {
    return body();
  } finally {
    [shared, enclosing, scopes] = outer;
  }
}

/** The file name of a stack line, and its `file:line:column`: V8's two kinds of lines, and that of other engines. */
function parseFrame(line: string): { file: string; at: string } | null {
  const text = line.trim();
  const pattern = text.startsWith('at ')
    ? text.endsWith(')')
      ? /^at .*? \((.+):(\d+):(\d+)\)$/
      : /^at (?:async )?(.+):(\d+):(\d+)$/
    : /^[^@]*@(.+):(\d+):(\d+)$/;
  const match = pattern.exec(text);
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
  return file.startsWith('node:') || file.includes('node:internal') || isOwn(file);
}

/** Whether that file is sluice's. */
function isOwn(file: string): boolean {
  if (!own) return false;
  return (
    file === own.bundle || own.rooms.some((room) => file.startsWith(room) && /^[\\/]/.test(file.slice(room.length)))
  );
}

/** The user's own frames, innermost first, as `file:line:column`. */
export function userFrames(site: Site | null): string[] {
  if (!site) return [];
  const lines = (site.stack ?? '').split('\n').slice(1);
  const frames = lines.map(parseFrame).flatMap((frame) => (frame && !isInternal(frame.file) ? [frame.at] : []));
  return frames.length > 0 ? frames : userFrames(site.within ?? null);
}
