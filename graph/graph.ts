/**
 * Graph: an append-only list of operations, and the scopes that shape what is appended next.
 *
 * Only `createOp` adds operations, and only after everything about the new one has been checked. Snapshots as
 * immutable values are graph/state.ts; lookup by name is graph/lookup.ts; text is graph/print.ts.
 */
import type { Attrs, AttrValue } from './attributes';
import { HoldsCollections } from './collections';
import { ControlStack } from './controlDependencies';
import { areTensorsOf, complete, inferShapes, requireOp } from './createOp';
import { pushDefaultGraph } from './defaultStack';
import { asDeviceFunction, type DeviceFunction } from './deviceSpec';
import { GraphTypeError, InaccessibleTensorError, RuntimeError, repr, ValueError } from './errors';
import type { FuncGraph } from './funcGraph';
import {
  asColocationTarget,
  asControlInputs,
  asGraphElement,
  elementByName,
  type GraphElement,
  type LookupOptions,
  outOfScope,
} from './lookup';
import { checkScopedName, checkScopeName, checkString, checkStringMap, NameTable } from './names';
import { type NodeParts, Operation, type OutputParts } from './operation';
import { OperationIndex } from './operationIndex';
import { OpScopes } from './opScopes';
import { begin, commit, onRollback, rollBack } from './rollback';
import { type Opened, openScope, type ScopeHandle } from './scope';
import type { TensorShape } from './shape';
import { captureSite, type Site, shareSite, unshareSite } from './site';
import { emptyState, foldState, type GraphState, NodeJournal, type NodeStates } from './state';
import { Tensor } from './tensor';

export interface CreateOpOptions {
  /** Scoped and made unique; with a trailing slash taken as it is. Default: the op type. */
  readonly name?: string;
  readonly attrs?: Attrs;
  /** Beside those of the enclosing `controlDependencies` blocks. */
  readonly controlInputs?: readonly Operation[];
  /** Where the user's code makes the operation, if that was captured already. */
  readonly site?: Site;
}

const NO_OPTIONS: CreateOpOptions = {};
const NO_CONTROLS: readonly Operation[] = [];

let graphCount = 0;

/** A dataflow graph under construction. Mirrors tf.Graph. */
export class Graph extends HoldsCollections {
  readonly #operations: Operation[] = [];
  readonly #byName = new OperationIndex(this.#operations);
  readonly #names = new NameTable();
  readonly #controls = new ControlStack();
  readonly #scopes = new OpScopes();
  readonly #functions = new Map<string, FuncGraph>();
  readonly #unfeedable = new Set<Tensor>();
  readonly #unfetchable = new Set<Operation>();
  #scope = '';
  #finalized = false;
  #journal: NodeJournal | null = null;
  #state: GraphState = emptyState;

  /** Number of this graph among all that were made; only for messages. */
  readonly id = graphCount++;

  /** The graph-level seed set by `tf.setRandomSeed`, or null. */
  seed: number | bigint | null = null;

  /** For functions of the library that have one: the function that is its gradient. */
  readonly gradientFunctions = new Map<string, string>();

  /** How often operations were changed after their creation: plans made before are stale. */
  rewrites = 0;

  /** How many random ops without an own seed were made under a graph seed. */
  seedlessOps = 0;

  /** The number of operations ever added. Mirrors Graph.version. */
  get version(): number {
    return this.#operations.length;
  }

  get finalized(): boolean {
    return this.#finalized;
  }

  /** Whether this is the body of a function. */
  get isFunction(): boolean {
    return false;
  }

  /** The graph that functions are registered in: itself, or for a function body the outermost graph. */
  get outermost(): Graph {
    return this;
  }

  /** All operations in creation order; a live view. */
  get operations(): readonly Operation[] {
    return this.#operations;
  }

  /** Functions of the graph's library by name, in order of definition. */
  get functions(): ReadonlyMap<string, FuncGraph> {
    return this.#functions;
  }

  addFunction(func: FuncGraph): void {
    this.outermost.#functions.set(func.name, func);
  }

  removeFunction(name: string): void {
    this.outermost.#functions.delete(name);
  }

  /**
   * Adds an operation. For users this is an escape hatch below the op functions: inputs must be tensors.
   *
   * Throws TypeError or ValueError with TensorFlow's texts, RuntimeError on a finalized graph; the graph is then as it
   * was. Mirrors Graph.create_op.
   */
  createOp(type: string, inputs: readonly Tensor[], options: CreateOpOptions = NO_OPTIONS): Operation {
    this.checkNotFinalized();
    const registered = requireOp(type);
    if (!areTensorsOf(this, inputs)) {
      const own = () =>
        this.createOp(
          type,
          inputs.map((tensor, i) => this.#bringInput(tensor, i)),
          options,
        );
      return this.transaction(own);
    }
    const { attrs, outputTypes } = complete(registered, inputs, options.attrs);
    const requested = options.name ?? type;
    checkString(requested);
    const isVerbatim = requested.endsWith('/');
    const name = isVerbatim ? requested.slice(0, -1) : this.uniqueName(requested);
    try {
      checkScopedName(name, this.#scope, requested);
      if ((isVerbatim || this.#names.hasUnlisted) && this.findOperation(name))
        throw new ValueError(`Duplicate node name in graph: '${name}'`);
      const controlInputs = this.#controlInputs(inputs, options.controlInputs);
      const node = {
        name,
        type,
        def: registered.def,
        inputs: inputs.slice(),
        controlInputs,
        attrs,
        device: '',
        outputTypes,
        site: options.site ?? captureSite(),
      };
      if (!this.#scopes.isEmpty) this.#scopes.apply(node, registered.def.isStateful);
      const { shapes, handles } = inferShapes(registered, node, outputTypes, node.site);
      const op = new Operation(this, this.#operations.length, node, shapes);
      for (let i = 0; i < handles.length; i++) if (handles[i]) op.outputs[i].handleData = handles[i];
      this.#append(op);
      if (isVerbatim) this.#names.noteVerbatim(name);
      return op;
    } catch (error) {
      if (!isVerbatim) this.#names.release(this.#inScope(requested), name);
      throw error;
    }
  }

  #bringInput(tensor: Tensor, index: number): Tensor {
    if (!(tensor instanceof Tensor)) throw new GraphTypeError(`Input #${index} is not a tensor: ${repr(tensor)}`);
    return this.bringIn(tensor);
  }

  /**
   * Adds an operation as it is recorded, without any check; its inputs must be there already, or be given later. For
   * loaders, which verify the graph when all of it is there.
   */
  adopt(parts: NodeParts, outputShapes: readonly TensorShape[]): Operation {
    this.#names.reserve(parts.name);
    const op = new Operation(this, this.#operations.length, parts, outputShapes);
    this.#append(op);
    return op;
  }

  /**
   * Adds an operation as a file describes it: its name as it stands, with the attributes, dtypes and shapes that the
   * importer found and checked. Of what is in force here only control dependencies and devices apply, as in
   * tf.import_graph_def. ValueError when the name is taken.
   */
  addImported(parts: NodeParts, outputShapes: readonly TensorShape[]): Operation {
    this.checkNotFinalized();
    if (this.findOperation(parts.name)) throw new ValueError(`Node name '${parts.name}' already exists in the Graph`);
    const node = {
      ...parts,
      type: parts.def.name,
      controlInputs: this.#controlInputs(parts.inputs, parts.controlInputs),
    };
    if (!this.#scopes.isEmpty && !('_class' in node.attrs)) this.#scopes.place(node);
    return this.adopt(node, outputShapes);
  }

  /** Bookkeeping of operations and tensors: something of that operation changed after its creation. */
  noteChange(op: Operation): void {
    this.#journal?.noteChange(op);
  }

  /** The nodes as immutable data, in order of creation; see `state`. */
  get nodeStates(): NodeStates {
    this.#journal ??= new NodeJournal();
    return this.#journal.fold(this.#operations);
  }

  /**
   * The whole graph as an immutable value of plain data. Taking it again after changes visits only what changed, and
   * shares the rest; without changes it is the same object.
   */
  get state(): GraphState {
    this.#state = foldState(this, this.#state);
    return this.#state;
  }

  #append(op: Operation): void {
    this.#operations.push(op);
    for (const input of op.inputs) input.addConsumer(op);
    for (const control of op.controlInputs) control.addControlOutput(op);
    if (!this.#controls.isEmpty) this.#controls.record(op);
  }

  #removeLast(): void {
    const op = this.#operations.pop()!;
    this.#journal?.noteRemoval(op);
    this.#byName.noteRemoval(op);
    for (const input of op.inputs) input.dropConsumer(op);
    for (const control of op.controlInputs) control.dropControlOutput(op);
    this.#controls.forget(op);
  }

  /**
   * Runs `build`; if it throws, the graph is as it was: operations, names, collections, shapes, the count of seeds. The
   * operations made share one creation site: that of the user's call.
   */
  transaction<R>(build: () => R): R {
    const before = this.#operations.length;
    const { seedlessOps } = this;
    const outerSite = shareSite();
    const names = this.#names.mark();
    const mark = begin();
    let result: R;
    try {
      result = build();
    } catch (error) {
      rollBack(mark);
      while (this.#operations.length > before) this.#removeLast();
      this.#names.undo(names);
      this.seedlessOps = seedlessOps;
      throw error;
    } finally {
      unshareSite(outerSite);
    }
    commit();
    this.#names.keep();
    return result;
  }

  /** An input as this graph can use it: itself, if it is of this graph. Function bodies capture outer tensors here. */
  bringIn(tensor: Tensor): Tensor {
    if (tensor.graph === this) return tensor;
    if (tensor.graph.isFunction && tensor.graph.outermost === this)
      throw new InaccessibleTensorError(outOfScope(tensor, this));
    throw new ValueError(
      `${tensor} must be from the same graph as the other inputs (graphs are ${tensor.graph} and ${this}).`,
    );
  }

  /** Whether ops of this graph can wait for that op; function bodies note outer ones for their caller. */
  protected acceptControl(_op: Operation): boolean {
    return true;
  }

  #controlInputs(inputs: readonly Tensor[], extra: readonly Operation[] = NO_CONTROLS): readonly Operation[] {
    if (this.#controls.isEmpty && extra.length === 0) return NO_CONTROLS;
    for (const control of extra) {
      if (control.graph !== this)
        throw new ValueError(
          `Control input ${control.name} must be from the same graph (graphs are ${control.graph} and ${this}).`,
        );
    }
    return [...new Set([...extra, ...this.#controls.forInputs(inputs)])];
  }

  checkNotFinalized(): void {
    if (this.#finalized) throw new RuntimeError('Graph is finalized and cannot be modified.');
  }

  /** Makes the graph read-only. Mirrors Graph.finalize. */
  finalize(): void {
    this.#finalized = true;
  }

  /** Changes attributes, device or control inputs of an operation after the fact, for rewriters such as while loops. */
  updateOp(op: Operation, parts: { attrs?: Attrs; device?: string; addControlInputs?: readonly Operation[] }): void {
    this.checkNotFinalized();
    const known = new Set(op.controlInputs);
    const added = [...new Set(parts.addControlInputs)].filter((control) => !known.has(control));
    for (const control of added) control.addControlOutput(op);
    this.rewrites++;
    const restore = op.replaceParts({
      attrs: parts.attrs,
      device: parts.device,
      controlInputs: [...op.controlInputs, ...added],
    });
    onRollback(() => {
      for (const control of added) control.dropControlOutput(op);
      restore();
      this.rewrites++;
    });
  }

  /**
   * Gives an operation more inputs and outputs, for the gradients of functional control flow, which make the forward op
   * yield what they need. Inputs are of this graph.
   */
  extendOp(op: Operation, parts: { attrs: Attrs; inputs?: readonly Tensor[]; outputs: readonly OutputParts[] }): void {
    this.checkNotFinalized();
    const inputs = parts.inputs ?? [];
    const restore = op.extend({ attrs: parts.attrs, inputs, outputs: parts.outputs });
    for (const input of inputs) input.addConsumer(op);
    this.rewrites++;
    onRollback(() => {
      for (const input of inputs) input.dropConsumer(op);
      restore();
      this.rewrites++;
    });
  }

  // ---- names and scopes

  /** The current name scope, without trailing slash. */
  get currentScope(): string {
    return this.#scope;
  }

  /** A name unique in this graph, within the current scope. Mirrors Graph.unique_name. */
  uniqueName(name: string, markAsUsed = true): string {
    return this.#names.unique(this.#inScope(name), markAsUsed);
  }

  #inScope(name: string): string {
    return this.#scope === '' ? name : `${this.#scope}/${name}`;
  }

  /**
   * Opens a name scope: unique within the current one; with a trailing slash exactly that scope again; null or '' the
   * root. Yields the scope's name with a trailing slash ('' for the root). Mirrors Graph.name_scope.
   */
  nameScope(name: string | null): ScopeHandle<string>;
  nameScope<R>(name: string | null, body: (scope: string) => R): R;
  nameScope<R>(name: string | null, body?: (scope: string) => R): R | ScopeHandle<string> {
    return openScope(() => this.enterNameScope(name), body);
  }

  /** The plain form of `nameScope`, for code that leaves the scope itself. */
  enterNameScope(name: string | null): Opened<string> {
    const outer = this.#scope;
    if (name === null || name === '') this.#scope = '';
    else {
      checkScopeName(name, outer === '');
      this.#scope = name.endsWith('/') ? name.slice(0, -1) : this.uniqueName(name);
    }
    return {
      value: this.#scope === '' ? (name ?? '') : `${this.#scope}/`,
      exit: () => {
        this.#scope = outer;
      },
    };
  }

  /** Ops made inside run after `controls`; null clears the enclosing blocks. Mirrors Graph.control_dependencies. */
  controlDependencies(controls: Iterable<unknown> | null): ScopeHandle<null>;
  controlDependencies<R>(controls: Iterable<unknown> | null, body: () => R): R;
  controlDependencies<R>(controls: Iterable<unknown> | null, body?: () => R): R | ScopeHandle<null> {
    if (controls === null) return openScope(() => ({ value: null, exit: this.#controls.push(null) }), body);
    const given = asControlInputs(this, controls).filter((op) => this.acceptControl(op));
    const ops = this.#controls.withoutKnown(given);
    // TensorFlow notes in the node that somebody asked for it as a control dependency.
    for (const op of ops)
      if (!('_has_manual_control_dependencies' in op.attrs))
        onRollback(op.replaceParts({ attrs: { ...op.attrs, _has_manual_control_dependencies: true } }));
    return openScope(() => ({ value: null, exit: this.#controls.push(ops) }), body);
  }

  /** Ops made inside go to that device, merged with outer ones; null ignores those. Mirrors Graph.device. */
  device(device: string | DeviceFunction | null): ScopeHandle<null>;
  device<R>(device: string | DeviceFunction | null, body: () => R): R;
  device<R>(device: string | DeviceFunction | null, body?: () => R): R | ScopeHandle<null> {
    const assign = asDeviceFunction(device);
    return openScope(() => this.#scopes.device(assign), body);
  }

  /**
   * Ops made inside are placed with `target`, whatever the devices around. Null, with `ignoreExisting`, leaves outer
   * colocations. Mirrors Graph.colocate_with.
   */
  colocateWith(target: unknown, options?: { ignoreExisting?: boolean }): ScopeHandle<null>;
  colocateWith<R>(target: unknown, options: { ignoreExisting?: boolean }, body: () => R): R;
  colocateWith<R>(target: unknown, { ignoreExisting = false } = {}, body?: () => R): R | ScopeHandle<null> {
    if (target === null && !ignoreExisting)
      throw new ValueError('Trying to reset colocation (op is None) but ignore_existing is not True');
    const op = target === null ? null : asColocationTarget(this, target);
    return openScope(() => this.#scopes.colocate(op, ignoreExisting), body);
  }

  /** Ops made inside carry these attributes too, unless they have them; null lifts those of outer scopes. Mirrors Graph._attr_scope. */
  attrScope<R>(attrs: Readonly<Record<string, AttrValue | null>>, body: () => R): R {
    if (typeof attrs !== 'object' || attrs === null)
      throw new GraphTypeError('attr_map must be a dictionary mapping strings to AttrValue protocol buffers');
    return openScope(() => this.#scopes.attributes(attrs), body);
  }

  /** Ops of these types made inside take the gradient registered under another name. Mirrors Graph.gradient_override_map. */
  gradientOverrideMap(map: Readonly<Record<string, string>>): ScopeHandle<null>;
  gradientOverrideMap<R>(map: Readonly<Record<string, string>>, body: () => R): R;
  gradientOverrideMap<R>(map: Readonly<Record<string, string>>, body?: () => R): R | ScopeHandle<null> {
    checkStringMap('op_type_map', map);
    return openScope(() => this.#scopes.gradientNames(map), body);
  }

  /** Ops of these types made inside ask for the kernel of that label. Mirrors Graph._kernel_label_map. */
  kernelLabelMap<R>(map: Readonly<Record<string, string>>, body: () => R): R {
    checkStringMap('op_to_kernel_label_map', map);
    return openScope(() => this.#scopes.kernelLabels(map), body);
  }

  /** Stateful ops made inside live in that resource container. Mirrors Graph.container. */
  container(name: string): ScopeHandle<null>;
  container<R>(name: string, body: () => R): R;
  container<R>(name: string, body?: () => R): R | ScopeHandle<null> {
    checkString(name);
    return openScope(() => this.#scopes.container(name), body);
  }

  /** The devices in force in `outer` apply here too: to the body of a function. */
  protected inheritDevices(outer: Graph): void {
    this.#scopes.inheritDevices(outer.#scopes);
  }

  /** Makes this the default graph. Mirrors Graph.as_default. */
  asDefault(): ScopeHandle<Graph>;
  asDefault<R>(body: (graph: Graph) => R): R;
  asDefault<R>(body?: (graph: Graph) => R): R | ScopeHandle<Graph> {
    return openScope(() => pushDefaultGraph(this), body);
  }

  // ---- lookup

  /** The operation of that exact name, or undefined. */
  findOperation(name: string): Operation | undefined {
    return this.#byName.find(name);
  }

  /** An operation or tensor from itself, its name, or what stands for one. Mirrors Graph.as_graph_element. */
  asGraphElement(value: unknown, options: LookupOptions = {}): GraphElement {
    return asGraphElement(this, value, options);
  }

  getOperationByName(name: string): Operation {
    return elementByName(this, 'Operation', name, { allowTensor: false }) as Operation;
  }

  getTensorByName(name: string): Tensor {
    return elementByName(this, 'Tensor', name, { allowOperation: false }) as Tensor;
  }

  getOperations(): Operation[] {
    return [...this.#operations];
  }

  /** Feeding that tensor is an error from now on. Mirrors Graph.prevent_feeding. */
  preventFeeding(tensor: Tensor): void {
    this.#unfeedable.add(tensor);
  }

  /** Fetching that operation or its outputs is an error from now on. Mirrors Graph.prevent_fetching. */
  preventFetching(op: Operation): void {
    this.#unfetchable.add(op);
  }

  isFeedable(tensor: Tensor): boolean {
    return !this.#unfeedable.has(tensor);
  }

  isFetchable(value: Tensor | Operation): boolean {
    return !this.#unfetchable.has(value instanceof Operation ? value : value.op);
  }

  override toString(): string {
    return `<Graph ${this.id}>`;
  }
}
