/**
 * A node of the graph: a thin, read-only handle. Only Graph makes operations and only Graph changes them.
 */
import type { Attrs, AttrValue } from './attributes';
import type { DType } from './dtypes';
import { ValueError } from './errors';
import type { Graph } from './graph';
import type { OpDef } from './opDef';
import { summarizeNode } from './print';
import type { TensorShape } from './shape';
import { type Site, userFrames } from './site';
import { type HandleData, Tensor } from './tensor';

export interface NodeParts {
  readonly name: string;
  readonly def: OpDef;
  readonly inputs: readonly Tensor[];
  readonly controlInputs: readonly Operation[];
  readonly attrs: Attrs;
  readonly device: string;
  readonly outputTypes: readonly DType[];
  readonly site: Site | null;
}

/** An output that an operation is given after its creation. */
export interface OutputParts {
  readonly dtype: DType;
  readonly shape: TensorShape;
  readonly handleData: HandleData | null;
}

const NO_OPERATIONS: readonly Operation[] = [];

/** Mirrors tf.Operation. */
export class Operation {
  readonly name: string;
  /** The op type, such as `MatMul`. */
  readonly type: string;
  readonly def: OpDef;
  readonly outputs: readonly Tensor[];
  readonly site: Site | null;
  #inputs: readonly Tensor[];
  #controlInputs: readonly Operation[];
  #attrs: Attrs;
  #device: string;
  #controlOutputs: Operation[] | null = null;

  constructor(
    readonly graph: Graph,
    /** Position in the graph, counted from 0: creation order. */
    readonly id: number,
    parts: NodeParts,
    outputShapes: readonly TensorShape[],
  ) {
    this.name = parts.name;
    this.type = parts.def.name;
    this.def = parts.def;
    this.#inputs = parts.inputs;
    this.#controlInputs = parts.controlInputs;
    this.#attrs = parts.attrs;
    this.#device = parts.device;
    this.site = parts.site;
    // A list of one takes a tenth of the memory of a list that one element was pushed to.
    const outputs =
      parts.outputTypes.length === 1
        ? [new Tensor(this, 0, parts.outputTypes[0], outputShapes[0])]
        : parts.outputTypes.map((dtype, i) => new Tensor(this, i, dtype, outputShapes[i]));
    this.outputs = outputs;
  }

  get inputs(): readonly Tensor[] {
    return this.#inputs;
  }

  get attrs(): Attrs {
    return this.#attrs;
  }

  get device(): string {
    return this.#device;
  }

  get controlInputs(): readonly Operation[] {
    return this.#controlInputs;
  }

  /** Operations that wait for this one without reading it. */
  get controlOutputs(): readonly Operation[] {
    return this.#controlOutputs ?? NO_OPERATIONS;
  }

  /** The first output. */
  get output(): Tensor {
    if (this.outputs.length === 0) throw new ValueError(`Operation ${this.name} (${this.type}) has no outputs.`, this);
    return this.outputs[0];
  }

  /** The value of an attribute; ValueError when the operation has none of that name. Mirrors Operation.get_attr. */
  getAttr<V extends AttrValue = AttrValue>(name: string): V {
    if (!Object.hasOwn(this.#attrs, name))
      throw new ValueError(`Operation '${this.name}' has no attr named '${name}'.`, this);
    return this.#attrs[name] as V;
  }

  /** `file:line:column` of the user's line that made this operation, or null. */
  get creationSite(): string | null {
    return userFrames(this.site)[0] ?? null;
  }

  /** All of the user's frames, innermost first. Mirrors Operation.traceback. */
  get traceback(): readonly string[] {
    return userFrames(this.site);
  }

  /** The groups this op is placed with: its `_class` attribute, or itself. Mirrors Operation.colocation_groups. */
  colocationGroups(): string[] {
    const groups = ((this.#attrs._class as readonly string[] | undefined) ?? []).filter((group) =>
      group.startsWith('loc:@'),
    );
    return groups.length > 0 ? groups : [`loc:@${this.name}`];
  }

  /** Bookkeeping of the graph. */
  addControlOutput(op: Operation): void {
    if (this.#controlOutputs) this.#controlOutputs.push(op);
    else this.#controlOutputs = [op];
  }

  /** Bookkeeping of the graph. */
  dropControlOutput(op: Operation): void {
    const at = this.#controlOutputs?.lastIndexOf(op) ?? -1;
    if (at >= 0) this.#controlOutputs!.splice(at, 1);
  }

  /** Bookkeeping of the graph: the parts of a node that may change after creation. Returns what undoes it. */
  replaceParts(parts: { attrs?: Attrs; device?: string; controlInputs?: readonly Operation[] }): () => void {
    const before = { attrs: this.#attrs, device: this.#device, controlInputs: this.#controlInputs };
    if (parts.attrs) this.#attrs = parts.attrs;
    if (parts.device !== undefined) this.#device = parts.device;
    if (parts.controlInputs) this.#controlInputs = parts.controlInputs;
    this.graph.noteChange(this);
    return () => {
      this.replaceParts(before);
    };
  }

  /** Bookkeeping of the graph: adds inputs and outputs; `outputs` stays the same list. Returns what undoes it. */
  extend(parts: { attrs: Attrs; inputs: readonly Tensor[]; outputs: readonly OutputParts[] }): () => void {
    const [inputs, attrs, count] = [this.#inputs, this.#attrs, this.outputs.length];
    const outputs = this.outputs as Tensor[];
    this.#inputs = [...inputs, ...parts.inputs];
    this.#attrs = parts.attrs;
    for (const { dtype, shape, handleData } of parts.outputs) {
      const output = new Tensor(this, outputs.length, dtype, shape);
      output.handleData = handleData;
      outputs.push(output);
    }
    this.graph.noteChange(this);
    return () => {
      this.#inputs = inputs;
      this.#attrs = attrs;
      outputs.length = count;
      this.graph.noteChange(this);
    };
  }

  /** The definition in TensorFlow's one-line form: `{{node c}} = Add[T=DT_FLOAT](a, b)`. */
  get nodeDef(): string {
    return summarizeNode(this);
  }

  toString(): string {
    return `<tf.Operation '${this.name}' type=${this.type}>`;
  }
}
