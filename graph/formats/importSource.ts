/**
 * What the importer of nodes must know of the file around them: how inputs are written, what comes from outside of the
 * body, which definitions the file brings along, and what its functions are called here.
 */
import type { FunctionReference } from '../attributes';
import type { OpDef } from '../opDef';
import type { Operation } from '../operation';
import type { Tensor } from '../tensor';
import type { WrittenInput } from './nodeInputs';
import type { NodeDef } from './protos/generated/node_def_pb';
import type { ExpansionBudget } from './tensorProto';

export interface ImportSource {
  /** Put before the names of nodes: '' or a scope with its slash. */
  readonly prefix: string;
  readonly budget: ExpansionBudget;
  /** Definitions of ops that the registry does not know. */
  readonly definitions: ReadonlyMap<string, OpDef>;
  readonly parse: (text: string) => WrittenInput;
  /** The tensor for an input that is no node of the body: an argument, or a tensor that the user maps it to. */
  readonly outside: (input: WrittenInput) => Tensor | undefined;
  readonly outsideControl: (name: string) => Operation | undefined;
  /** The reference by the name that a function has in the graph. */
  readonly functionNamed: (reference: FunctionReference) => FunctionReference;
  /** For a node whose type is the name of a function: the call that it stands for. */
  readonly asCall: (node: NodeDef) => NodeDef;
  /** Collects operations of unknown types. */
  readonly foreign: Set<Operation>;
}

/** Names of nodes in files: functions have some that new nodes cannot have. */
export const NODE_NAME = /^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$/;
