/**
 * Loops as graphs of TensorFlow v1 hold them, built by hand: what tf.while_loop makes without control flow v2.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import { int32 } from '../../graph/dtypes';
import { findOp } from '../../graph/registry';
import { scalarShape, unknownShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';

export interface LoopOptions {
  /** Default `loop`. */
  readonly frame?: string;
  /** Values of outside that the loop reads; the functions get them after the variables. */
  readonly constants?: readonly Tensor[];
  /** Whether the variables are references. */
  readonly references?: boolean;
}

/** A Merge without its second input, which `close` connects. */
function openMerge(type: string, enter: Tensor): Tensor {
  const { graph } = enter;
  const op = graph.adopt(
    {
      name: graph.uniqueName(type),
      def: findOp(type)!.def,
      inputs: [enter],
      controlInputs: [],
      attrs: { T: enter.dtype, N: 2 },
      device: '',
      outputTypes: [enter.dtype, int32],
      site: null,
    },
    [unknownShape, scalarShape],
  );
  return op.outputs[0];
}

const close = (merge: Tensor, next: Tensor) =>
  merge.graph.extendOp(merge.op, { attrs: merge.op.attrs, inputs: [next], outputs: [] });

/** The variables after the loop. `cond` and `body` get the variables of an iteration. */
export function v1Loop(
  variables: readonly Tensor[],
  cond: (...values: Tensor[]) => Tensor,
  body: (...values: Tensor[]) => readonly Tensor[],
  { frame = 'loop', constants = [], references = false }: LoopOptions = {},
): Tensor[] {
  const { graph } = variables[0];
  const ref = references ? 'Ref' : '';
  const enter = (type: string, data: Tensor, isConstant: boolean) =>
    applyUnary(type, { data, frame_name: frame, is_constant: isConstant });
  const merges = variables.map((data) => openMerge(`${ref}Merge`, enter(`${ref}Enter`, data, false)));
  const shared = constants.map((data) => enter('Enter', data, true));
  // What waits for something outside cannot run inside: within the frame nothing waits for what the caller named.
  return graph.controlDependencies(null, () => {
    // Constants inside belong to the loop because they wait for something in it.
    const condition = graph.controlDependencies([merges[0].op], () => cond(...merges, ...shared));
    const pred = applyUnary('LoopCond', { input: condition });
    const ways = merges.map((data) => applyOp(`${ref}Switch`, { data, pred }).outputs);
    const values = ways.map(([, stays]) => applyUnary(`${ref}Identity`, { input: stays }));
    const next = graph.controlDependencies([values[0].op], () => body(...values, ...shared));
    merges.forEach((merge, i) => close(merge, applyUnary(`${ref}NextIteration`, { data: next[i] })));
    return ways.map(([leaves]) => applyUnary(`${ref}Exit`, { data: leaves }));
  });
}
