/**
 * How the compiled backend runs each op: for docs/ops.md, whose rows are made of it. It follows the table of lowerings; what
 * is said here beside it is what the plan itself deals with, and why the ops without a lowering run their plain kernels.
 */
import type { RegisteredOp } from '../../graph/registry';
import { lowerings } from './index';

/** What the plan itself deals with. */
const planned: Readonly<Record<string, string>> = {
  Const: 'constant',
  Placeholder: 'input',
  PlaceholderWithDefault: 'view',
  Identity: 'view',
  IdentityN: 'view',
  StopGradient: 'view',
  PreventGradient: 'view',
  NoOp: 'nothing to run',
  ControlTrigger: 'nothing to run',
  Shape: 'folded; host where a shape is known only when it runs',
  ShapeN: 'folded; host where a shape is known only when it runs',
  Rank: 'folded; host where a shape is known only when it runs',
  Size: 'folded; host where a shape is known only when it runs',
  VarHandleOp: 'folded',
  OptionalFromValue: 'view',
  OptionalNone: 'view',
  OptionalGetValue: 'view; host where it is not known what is in it',
  PartitionedCall: 'inlined',
  StatefulPartitionedCall: 'inlined',
  If: 'inlined where the condition is known; else host: a plan for each branch',
  StatelessIf: 'inlined where the condition is known; else host: a plan for each branch',
  Case: 'inlined where the index is known; else host: a plan for each branch',
  StatelessCase: 'inlined where the index is known; else host: a plan for each branch',
  While: 'host: a plan for condition and body',
  StatelessWhile: 'host: a plan for condition and body',
};

/** Why ops of a family without a lowering run their plain kernels. */
const familyReasons: Readonly<Record<string, string>> = {
  checkpoint: 'files',
  checks: 'its effect is on the host: errors and lines of text',
  control: 'optionals live on the host',
  detection: 'its result has a size that depends on the data',
  flow: 'graphs with TensorFlow v1 control flow run op by op',
  list: 'lists of tensors live on the host',
  partition: 'its result has a size that depends on the data',
  picking: 'its result has a size or order that depends on the data',
  references: 'graphs with reference variables run op by op',
  sets: 'its result has a size that depends on the data',
  sparse: 'its result has a size that depends on the data',
  stacks: 'graphs with TensorFlow v1 control flow run op by op',
  string: 'text',
  summary: 'its result is text for files',
  tables: 'hash tables live on the host',
  tensorArrays: 'lists of tensors live on the host',
  tokens: 'text',
  trainingReferences: 'graphs with reference variables run op by op',
};

const opReasons: Readonly<Record<string, string>> = {
  BroadcastArgs: 'shape arithmetic, folded where it is known',
  BroadcastGradientArgs: 'shape arithmetic, folded where it is known',
  ConcatOffset: 'shape arithmetic, folded where it is known',
  InvertPermutation: 'shape arithmetic, folded where it is known',
  Range: 'shape arithmetic, folded where it is known',
  VariableShape: 'shape arithmetic',
  VarIsInitializedOp: 'it asks for what the session holds',
  DestroyResourceOp: 'it changes what the session holds',
  DisableCopyOnRead: 'it does nothing here',
  StatelessRandomGetAlg: 'seed arithmetic, folded where it is known',
};

/** The cell of an op: `loop`, `routine`, `view`, `folded` and the like, or `host: why`. */
export function compiledAs(family: string, { name }: RegisteredOp): string {
  const lowering = lowerings[name];
  if (lowering) return lowering.compiledAs ?? 'loop';
  return planned[name] ?? `host: ${opReasons[name] ?? familyReasons[family] ?? 'no lowering yet'}`;
}

/** Names that are said something of although the table of lowerings has them: for the spec. */
export function misplaced(): string[] {
  return [...Object.keys(planned), ...Object.keys(opReasons)].filter((name) => lowerings[name]);
}
