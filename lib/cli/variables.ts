/**
 * Values for the variables of a graph: those that come with its file, or those of a checkpoint, by name.
 */
import { applyOp } from '../../graph/applyOp';
import { asDType, type DTypeName } from '../../graph/dtypes';
import { FailedPreconditionError } from '../../graph/errors';
import type { Operation } from '../../graph/operation';
import { placeholder } from '../../graph/ops/source';
import { withoutSite } from '../../graph/site';
import { didYouMean } from '../../graph/suggest';
import { Session } from '../../runtime/session';
import type { LoadedGraph, NamedArrays } from './files/kind';
import { loadArrays, loadGraph } from './files/kinds';
import type { GraphToWrite } from './formats';
import { UsageError } from './output';

const MOST_NAMED = 5;

function variablesOf({ graph }: LoadedGraph): Operation[] {
  return graph.operations.filter(({ type }) => /^(VarHandleOp|VariableV2|Variable)$/.test(type));
}

const decoder = new TextDecoder();

/** The name of a variable in checkpoints. */
function keyOf({ attrs, name }: Operation): string {
  const shared = attrs.shared_name;
  const text = shared instanceof Uint8Array ? decoder.decode(shared) : String(shared ?? '');
  return text === '' ? name : text;
}

/** Assigns a checkpoint's arrays to the variables of their names; those that no variable has stay unread. */
function assign(session: Session, loaded: LoadedGraph, arrays: NamedArrays, source: string): void {
  const { graph } = loaded;
  const known = new Set(arrays.names);
  const variables = variablesOf(loaded);
  const missing = variables.filter((op) => !known.has(keyOf(op)));
  if (missing.length > 0) {
    const names = missing.slice(0, MOST_NAMED).map((op) => `${keyOf(op)}${didYouMean(keyOf(op), arrays.names)}`);
    const more = missing.length - names.length;
    throw new UsageError(
      `${source} has no value for ${missing.length} of ${variables.length} variables: ${names.join(' ')}${more > 0 ? ` and ${more} more` : ''}`,
    );
  }
  // All operations first: a graph that grows between runs is planned anew each time.
  const steps = graph.asDefault(() =>
    variables.map((variable) => {
      const key = keyOf(variable);
      const given = placeholder(asDType(arrays.dtypeOf(key) as DTypeName), arrays.shapeOf(key));
      const [handle] = variable.outputs;
      const step =
        variable.type === 'VarHandleOp'
          ? applyOp('AssignVariableOp', { resource: handle, value: given })
          : applyOp('Assign', { ref: handle, value: given, validate_shape: false });
      return { key, given, step };
    }),
  );
  for (const { key, given, step } of steps) session.runSync([step], { feed: [[given, arrays.read(key)]] });
}

export interface VariableOptions {
  /** A checkpoint, or another file of arrays. */
  readonly checkpoint?: string;
  /** Operations to run before anything else. */
  readonly init: readonly string[];
  readonly seed?: string;
}

/** Runs, and says how variables get values when one has none. */
export function withVariables<R>(run: () => R): R {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof FailedPreconditionError)) throw error;
    const [first] = error.message.split('. ');
    throw new UsageError(`${first}: give the variables values with --checkpoint FILE or --init OPS.`);
  }
}

function sessionOver(loaded: LoadedGraph, options: VariableOptions): Session {
  const config = options.seed === undefined ? {} : { seed: options.seed };
  // Values of the file's own, unless others are to take their place.
  const own = options.checkpoint === undefined ? withoutSite(() => loaded.open?.(config)) : undefined;
  const session = own ?? new Session({ graph: loaded.graph, config });
  if (options.checkpoint !== undefined) assign(session, loaded, loadArrays(options.checkpoint), options.checkpoint);
  for (const op of options.init) session.runSync([op]);
  return session;
}

/** A session over a file's graph, its variables set. */
export function openSession(given: string, options: VariableOptions): { session: Session; loaded: LoadedGraph } {
  const loaded = loadGraph(given);
  const session = sessionOver(loaded, options);
  return { session, loaded: { ...loaded, graph: session.graph } };
}

/** A graph to write elsewhere, with a session where that needs one. */
export function loadGraphToWrite(given: string, options: VariableOptions): GraphToWrite {
  const loaded = loadGraph(given);
  return { ...loaded, session: () => sessionOver(loaded, options) };
}

/** A graph that has all that it needs. */
export function complete(loaded: LoadedGraph): GraphToWrite {
  return { ...loaded, session: () => new Session({ graph: loaded.graph }) };
}
