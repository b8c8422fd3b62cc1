/**
 * Loops of TensorFlow v1 as loops over functions, for their gradients: the gradient of an Exit is that of a While op which
 * computes the same from the same.
 *
 *     Enter → Merge → Switch → body → NextIteration        whileLoop(cond, body, [what enters])
 *
 * The nodes of the loop stay as they are; a run that needs the gradients runs the While op beside them. So only loops that
 * can run twice are raised: nothing in them may draw random numbers or change variables, and branches inside, whose values
 * are dead in some iterations, are not read.
 */
import type { Operation } from '../operation';
import type { Tensor } from '../tensor';
import { checkCopied, copyOperation, neededFor, refuseCopy } from './inlinedCalls';
import { whileLoop } from './whileLoop';

interface Variable {
  readonly enter: Operation;
  readonly merge: Operation;
  /** Its value while the loop goes on is output 1 of this. */
  readonly choice: Operation;
  /** Its value for the next iteration. */
  readonly next: Tensor;
}

interface Loop {
  readonly frame: string;
  readonly condition: Tensor;
  readonly variables: readonly Variable[];
}

const isExit = ({ type }: Operation) => type === 'Exit' || type === 'RefExit';
const isEnter = ({ type }: Operation) => type === 'Enter' || type === 'RefEnter';

/** The one producer of that type at an input. */
function producer(op: Operation, input: number, type: string): Operation {
  const found = op.inputs[input]?.op;
  return found?.type === type
    ? found
    : refuseCopy(op, `its input ${input} is no ${type}, so it is no loop of tf.while_loop`);
}

function variableOf(choice: Operation): Variable {
  const merge = producer(choice, 0, 'Merge');
  return { enter: producer(merge, 0, 'Enter'), merge, choice, next: producer(merge, 1, 'NextIteration').inputs[0] };
}

/** The loop that an Exit leaves. */
function loopOf(exit: Operation): Loop {
  const choice = producer(exit, 0, 'Switch');
  const condition = producer(choice, 1, 'LoopCond');
  const choices = condition.outputs[0]
    .consumers()
    .filter((op) => op.type === 'Switch' && op.inputs[1].op === condition);
  const variables = choices.map(variableOf);
  return { frame: variables[0].enter.attrs.frame_name as string, condition: condition.inputs[0], variables };
}

/** What a loop reads of outside: what its variables start with, and its constants. */
function readsOf({ frame, condition, variables }: Loop): Tensor[] {
  const own = new Set(variables.flatMap(({ merge, choice }) => [merge, choice]));
  const reads = variables.map(({ enter }) => enter.inputs[0]);
  const seen = new Set<Operation>();
  const pending = [condition.op, ...variables.map(({ next }) => next.op)];
  for (let op = pending.pop(); op !== undefined; op = pending.pop()) {
    if (seen.has(op) || own.has(op)) continue;
    seen.add(op);
    if (isEnter(op) && op.attrs.frame_name === frame) reads.push(op.inputs[0]);
    else pending.push(...op.inputs.map((input) => input.op));
  }
  return reads;
}

/** Copies operations of one frame into the default graph. */
class Copier {
  constructor(
    readonly frame: string,
    /** Tensors of the frame that are there already. */
    readonly known: Map<Tensor, Tensor>,
    /** What a tensor outside of the frame is. */
    readonly outside: (tensor: Tensor) => Tensor,
  ) {}

  copy(targets: readonly Tensor[]): Tensor[] {
    for (const op of neededFor(targets, this.known, (each) => this.#reads(each))) this.#copyOp(op);
    return targets.map((tensor) => this.#find(tensor));
  }

  #find(tensor: Tensor): Tensor {
    return this.known.get(tensor) ?? refuseCopy(tensor.op, 'it is of another loop');
  }

  #reads(op: Operation): readonly Tensor[] {
    if (isExit(op)) return readsOf(loopOf(op));
    return isEnter(op) ? [] : op.inputs;
  }

  #copyOp(op: Operation): void {
    if (op.outputs.some((output) => this.known.has(output))) return;
    if (isExit(op)) {
      for (const [exit, value] of raise(loopOf(op), (tensor) => this.#find(tensor))) this.known.set(exit, value);
      return;
    }
    if (isEnter(op)) {
      if (op.attrs.frame_name !== this.frame) refuseCopy(op, 'it is of another loop');
      this.known.set(op.outputs[0], this.outside(op.inputs[0]));
      return;
    }
    if (op.type === 'Switch' || op.type === 'Merge')
      refuseCopy(op, 'gradients of branches inside of loops are not built');
    checkCopied(op);
    const copy = copyOperation(
      op,
      op.inputs.map((input) => this.#find(input)),
    );
    op.outputs.forEach((output, i) => this.known.set(output, copy.outputs[i]));
  }
}

/** Builds the loop over functions; what each of its Exits is equal to. */
function raise(loop: Loop, outside: (tensor: Tensor) => Tensor): Map<Tensor, Tensor> {
  const { frame, condition, variables } = loop;
  const copier = (values: readonly Tensor[]) => {
    const known = new Map<Tensor, Tensor>();
    variables.forEach(({ merge, choice }, i) => {
      known.set(merge.outputs[0], values[i]);
      known.set(choice.outputs[1], values[i]);
    });
    return new Copier(frame, known, outside);
  };
  const results = whileLoop(
    (...values: Tensor[]) => copier(values).copy([condition])[0],
    (...values: Tensor[]) => copier(values).copy(variables.map(({ next }) => next)),
    variables.map(({ enter }) => outside(enter.inputs[0])),
    {
      name: frame.slice(frame.lastIndexOf('/') + 1),
      shapeInvariants: variables.map(({ merge }) => merge.outputs[0].shape),
      returnSameStructure: true,
    },
  ) as Tensor[];
  const exits = new Map<Tensor, Tensor>();
  variables.forEach(({ choice }, i) => {
    for (const exit of choice.outputs[0].consumers()) if (isExit(exit)) exits.set(exit.outputs[0], results[i]);
  });
  return exits;
}

/**
 * Raises the loops that these Exits leave: for each of their results the tensor of a While op that equals it. LookupError for
 * a loop that cannot be raised.
 */
export function raiseLoops(exits: readonly Operation[]): Map<Tensor, Tensor> {
  const raised = new Map<Tensor, Tensor>();
  for (const exit of exits) {
    if (raised.has(exit.outputs[0])) continue;
    for (const [result, value] of raise(loopOf(exit), (tensor) => raised.get(tensor) ?? tensor))
      raised.set(result, value);
  }
  return raised;
}
