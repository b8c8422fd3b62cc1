/**
 * Unfreezing: a frozen graph imported with chosen constants as variables again, so that it can be trained further.
 */
import { getDefaultGraph } from '../../graph/defaultGraph';
import { InvalidArgumentError, ValueError } from '../../graph/errors';
import { dtypeOf } from '../../graph/formats/dtypeProto';
import { type Imported, type ImportOptions, importInto } from '../../graph/formats/importGraphDef';
import type { GraphDef } from '../../graph/formats/protos/generated/graph_pb';
import type { NodeDef } from '../../graph/formats/protos/generated/node_def_pb';
import { ExpansionBudget, tensorFromProto } from '../../graph/formats/tensorProto';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import { Variable } from '../variables/variable';

/** Which constants become variables: those in whose name the pattern is found, or that the function chooses. */
export type Chosen = RegExp | ((name: string, value: NdArray) => boolean);

export interface UnfreezeOptions extends Omit<ImportOptions, 'name'> {
  /** Scope of the new names. Default: none, so that variables are called as their constants were. */
  readonly name?: string;
  /** Whether optimizers change the variables. Default true. */
  readonly trainable?: boolean;
}

export interface Unfrozen {
  /** The new variables, in the order of the file. */
  readonly variables: readonly Variable[];
  readonly elements: Imported['elements'];
}

/** A constant of real numbers; null for any other node. */
function valueOf(node: NodeDef, budget: ExpansionBudget): NdArray | null {
  const { value } = node.attr.value ?? {};
  if (node.op !== 'Const' || value?.case !== 'tensor') return null;
  const what = `Node '${node.name}': attr 'value'`;
  return dtypeOf(value.value.dtype, what).isFloating ? tensorFromProto(value.value, what, budget) : null;
}

function chooser(chosen: Chosen): (name: string, value: NdArray) => boolean {
  if (typeof chosen === 'function') return chosen;
  const pattern = new RegExp(chosen.source, chosen.flags.replace(/[gy]/g, ''));
  return (name) => pattern.test(name);
}

/**
 * Imports a frozen graph into the default graph with the chosen constants of real numbers as variables, whose initial
 * values are those constants: initialise them, and `optimizer.minimize` trains them. The gradients are those of the ops.
 *
 * ValueError when no constant is chosen, or for what `tf.importGraphDef` refuses; the graph is then as it was.
 */
export function unfreeze(graphDef: GraphDef, chosen: Chosen, options: UnfreezeOptions = {}): Unfrozen {
  const graph = getDefaultGraph();
  const isChosen = chooser(chosen);
  return graph.transaction(() => {
    try {
      const budget = new ExpansionBudget();
      const values = new Map<string, NdArray>();
      const others: string[] = [];
      for (const node of graphDef.node) {
        const value = valueOf(node, budget);
        if (value && isChosen(node.name, value)) values.set(node.name, value);
        else if (value) others.push(node.name);
      }
      if (values.size === 0) throw nothingChosen(chosen, others);
      const scope = options.name ? graph.enterNameScope(options.name) : null;
      scope?.exit();
      const variables: Variable[] = [];
      const inputMap: Record<string, Tensor | Operation> = {};
      const readers = new Set(graphDef.node.flatMap(({ input }) => input));
      graph.nameScope(scope?.value ?? null, () => {
        for (const [name, value] of values) {
          const variable = new Variable(value, { name, trainable: options.trainable ?? true });
          variables.push(variable);
          const read = variable.asGraphElement();
          for (const spelled of [name, `${name}:0`]) if (readers.has(spelled)) inputMap[`${name}:0`] = read;
          if (readers.has(`^${name}`)) inputMap[`^${name}`] = read.op;
        }
      });
      const rest = { ...graphDef, node: graphDef.node.filter(({ name }) => !values.has(name)) };
      const { inputMap: given, ...importing } = options;
      const all = given instanceof Map ? Object.fromEntries(given) : given;
      const { elements } = importInto(graph, rest, {
        ...importing,
        name: scope?.value ?? '',
        inputMap: { ...inputMap, ...all },
      });
      return { variables, elements };
    } catch (error) {
      if (error instanceof InvalidArgumentError) throw new ValueError(error.message);
      throw error;
    }
  });
}

function nothingChosen(chosen: Chosen, others: readonly string[]): ValueError {
  const what = typeof chosen === 'function' ? 'The function chooses none' : `${String(chosen)} matches none`;
  const shown = others.slice(0, 8).join(', ');
  return new ValueError(
    `${what} of the ${others.length} constants of real numbers in the graph${others.length > 0 ? `: ${shown}${others.length > 8 ? ', …' : ''}` : ''}.`,
  );
}
