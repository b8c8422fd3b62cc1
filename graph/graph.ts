/**
 * Graph: an append-only list of operations, and the scopes that shape what is appended next.
 *
 * Only `createOp` adds operations, and only after everything about the new one has been checked. Snapshots as
 * immutable values are graph/state.ts; lookup by name is graph/lookup.ts; text is graph/print.ts.
 */
import type { Attrs, AttrValue } from './attributes';
import { ControlStack } from './controlDependencies';
import { completeAttrs, inferShapes, outputTypesOf, requireOp } from './createOp';
import { pushDefaultGraph } from './defaultStack';
import { asDeviceFunction, type DeviceFunction, mergeDevices } from './deviceSpec';
import { GraphTypeError, RuntimeError, ValueError } from './errors';
import type { FuncGraph } from './funcGraph';
import { asControlInput, asGraphElement, type GraphElement, type LookupOptions } from './lookup';
import { checkOpName, checkScopeName, checkString, NameTable } from './names';
import { Operation } from './operation';
import { openScope, type Opened, type ScopeHandle } from './scope';
import { captureSite, userFrames } from './site';
import type { Tensor } from './tensor';

export interface CreateOpOptions {
  /** Scoped and made unique; with a trailing slash taken as it is. Default: the op type. */
  readonly name?: string;
  readonly attrs?: Attrs;
  /** Beside those of the enclosing `controlDependencies` blocks. */
  readonly controlInputs?: readonly Operation[];
}

let graphCount = 0;

/** A dataflow graph under construction. Mirrors tf.Graph. */
export class Graph {
  readonly #operations: Operation[] = [];
  readonly #byName = new Map<string, Operation>();
  readonly #names = new NameTable();
  readonly #controls = new ControlStack();
  readonly #collections = new Map<string, unknown[]>();
  readonly #functions = new Map<string, FuncGraph>();
  readonly #unfeedable = new Set<Tensor>();
  readonly #unfetchable = new Set<Operation>();
  #scope = '';
  #devices: readonly (DeviceFunction | null)[] = [];
  #colocations: readonly Operation[] = [];
  #attrScopes: readonly Attrs[] = [];
  #gradientOverrides: Readonly<Record<string, string>> = {};
  #container = '';
  #finalized = false;

  /** Number of this graph among all that were made; only for messages. */
  readonly id = graphCount++;

  /** The graph-level seed set by `tf.setRandomSeed`, or null. */
  seed: number | bigint | null = null;

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

  /**
   * Adds an operation. For users this is an escape hatch below the op functions: inputs must be tensors.
   *
   * Throws TypeError or ValueError with TensorFlow's texts, RuntimeError on a finalized graph; the graph is then as it
   * was. Mirrors Graph.create_op.
   */
  createOp(type: string, inputs: readonly Tensor[], options: CreateOpOptions = {}): Operation {
    this.checkNotFinalized();
    const registered = requireOp(type);
    const own = inputs.map((tensor) => this.bringIn(tensor));
    const attrs = this.#scopedAttrs(type, registered.def.isStateful, completeAttrs(registered.def, own, options.attrs ?? {}));
    const outputTypes = outputTypesOf(registered.def, attrs);
    registered.check?.(attrs);
    const requested = options.name ?? type;
    checkString(requested);
    const verbatim = requested.endsWith('/');
    const name = verbatim ? requested.slice(0, -1) : this.uniqueName(requested, false);
    checkOpName(name);
    if (this.#byName.has(name)) throw new ValueError(`Duplicate node name in graph: '${name}'`);
    const controlInputs = this.#controlInputs(own, options.controlInputs ?? []);
    const draft = { name, type, device: '', attrs, inputs: own, controlInputs };
    const { device, groups } = this.#placement(draft);
    const placed = { ...draft, device, attrs: groups.length > 0 ? { ...attrs, _class: groups } : attrs };
    const site = captureSite();
    const { shapes, handles } = inferShapes(registered, placed, outputTypes, () => userFrames(site)[0] ?? null);
    const op = new Operation(this, this.#operations.length, { ...placed, def: registered.def, outputTypes, outputShapes: shapes, site });
    op.outputs.forEach((tensor, i) => {
      tensor.handleData = handles[i] ?? null;
    });
    if (verbatim) this.#names.reserve(name);
    else this.uniqueName(requested);
    this.#append(op);
    return op;
  }

  #append(op: Operation): void {
    this.#operations.push(op);
    this.#byName.set(op.name, op);
    for (const input of op.inputs) input.addConsumer(op);
    for (const control of op.controlInputs) control.addControlOutput(op);
    this.#controls.record(op);
  }

  #removeLast(): void {
    const op = this.#operations.pop()!;
    this.#byName.delete(op.name);
    for (const input of op.inputs) input.dropConsumer(op);
    for (const control of op.controlInputs) control.dropControlOutput(op);
  }

  /** Runs `build`; if it throws, the operations it added and the names it took are gone again. */
  transaction<R>(build: () => R): R {
    const before = this.#operations.length;
    const names = this.#names.record();
    try {
      const result = build();
      names.keep();
      return result;
    } catch (error) {
      while (this.#operations.length > before) this.#removeLast();
      names.undo();
      throw error;
    }
  }

  /** An input as this graph can use it: itself, if it is of this graph. Function bodies capture outer tensors here. */
  bringIn(tensor: Tensor): Tensor {
    if (tensor.graph !== this) throw new ValueError(`${tensor} must be from the same graph as the other inputs (graphs are ${tensor.graph} and ${this}).`);
    return tensor;
  }

  #controlInputs(inputs: readonly Tensor[], extra: readonly Operation[]): Operation[] {
    if (this.#controls.isEmpty && extra.length === 0) return [];
    const sources = new Set(inputs.map((tensor) => tensor.op));
    for (const control of extra) {
      if (control.graph !== this) throw new ValueError(`Control input ${control.name} must be from the same graph (graphs are ${control.graph} and ${this}).`);
    }
    return [...new Set([...extra, ...this.#controls.forInputs(sources)])];
  }

  #scopedAttrs(type: string, isStateful: boolean, attrs: Attrs): Attrs {
    const extra: Record<string, AttrValue> = {};
    for (const scope of this.#attrScopes) Object.assign(extra, scope);
    const override = this.#gradientOverrides[type];
    if (override !== undefined) extra._gradient_op_type = override;
    if (this.#container !== '' && isStateful && attrs.container === '') extra.container = this.#container;
    return Object.keys(extra).length === 0 ? attrs : { ...attrs, ...extra };
  }

  /** The device and the colocation groups of a new op. */
  #placement(draft: { readonly name: string; readonly type: string; readonly attrs: Attrs }): { device: string; groups: string[] } {
    let device = '';
    for (const assign of [...this.#devices].reverse()) {
      if (assign === null) break;
      device = mergeDevices(assign({ ...draft, device }) ?? '', device);
    }
    if (this.#colocations.length === 0) return { device, groups: [] };
    // Colocation replaces a `_class` that the op brings along.
    const groups = new Set<string>();
    for (const target of this.#colocations) {
      for (const group of target.colocationGroups()) groups.add(group);
      if (target.device !== '') device = target.device;
    }
    return { device, groups: [...groups].sort() };
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
    const added = (parts.addControlInputs ?? []).filter((control) => !op.controlInputs.includes(control));
    for (const control of added) control.addControlOutput(op);
    this.rewrites++;
    op.replaceParts({ attrs: parts.attrs, device: parts.device, controlInputs: [...op.controlInputs, ...added] });
  }

  // ---- names and scopes

  /** The current name scope, without trailing slash. */
  get currentScope(): string {
    return this.#scope;
  }

  /** A name unique in this graph, within the current scope. Mirrors Graph.unique_name. */
  uniqueName(name: string, markAsUsed = true): string {
    return this.#names.unique(this.#scope === '' ? name : `${this.#scope}/${name}`, markAsUsed);
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
      checkString(name);
      if (name.endsWith('/')) this.#scope = name.slice(0, -1);
      else {
        checkScopeName(name, this.#scope === '');
        this.#scope = this.uniqueName(name);
      }
    }
    const value = this.#scope === '' ? '' : `${this.#scope}/`;
    return {
      value,
      exit: () => {
        this.#scope = outer;
      },
    };
  }

  /** Ops made inside run after `controls`; null clears the enclosing blocks. Mirrors Graph.control_dependencies. */
  controlDependencies(controls: readonly unknown[] | null): ScopeHandle<null>;
  controlDependencies<R>(controls: readonly unknown[] | null, body: () => R): R;
  controlDependencies<R>(controls: readonly unknown[] | null, body?: () => R): R | ScopeHandle<null> {
    if (controls !== null && !Array.isArray(controls)) throw new GraphTypeError('Control dependencies must be a list of operations or tensors, or null.');
    const ops = controls?.map((control) => asControlInput(this, control)) ?? null;
    // TensorFlow notes in the node that somebody asked for it as a control dependency.
    for (const op of ops ?? []) if (!('_has_manual_control_dependencies' in op.attrs)) op.replaceParts({ attrs: { ...op.attrs, _has_manual_control_dependencies: true } });
    return openScope(() => ({ value: null, exit: this.#controls.push(ops) }), body);
  }

  /** Ops made inside go to that device, merged with outer ones; null ignores those. Mirrors Graph.device. */
  device(device: string | DeviceFunction | null): ScopeHandle<null>;
  device<R>(device: string | DeviceFunction | null, body: () => R): R;
  device<R>(device: string | DeviceFunction | null, body?: () => R): R | ScopeHandle<null> {
    const assign = asDeviceFunction(device);
    return openScope(() => this.#swapDevices([...this.#devices, assign]), body);
  }

  #swapDevices(devices: readonly (DeviceFunction | null)[]): Opened<null> {
    const outer = this.#devices;
    this.#devices = devices;
    return {
      value: null,
      exit: () => {
        this.#devices = outer;
      },
    };
  }

  /** Ops made inside are placed with `target`. Mirrors Graph.colocate_with. */
  colocateWith(target: Operation | Tensor | null, options?: { ignoreExisting?: boolean }): ScopeHandle<null>;
  colocateWith<R>(target: Operation | Tensor | null, options: { ignoreExisting?: boolean }, body: () => R): R;
  colocateWith<R>(target: Operation | Tensor | null, { ignoreExisting = false } = {}, body?: () => R): R | ScopeHandle<null> {
    if (target === null && !ignoreExisting) throw new ValueError('Trying to reset colocation (op is None) but ignore_existing is not True');
    const op = target === null ? null : target instanceof Operation ? target : target.op;
    return openScope(() => {
      const outer = this.#colocations;
      this.#colocations = [...(ignoreExisting ? [] : outer), ...(op ? [op] : [])];
      const devices = this.#swapDevices([]);
      return {
        value: null,
        exit: () => {
          devices.exit();
          this.#colocations = outer;
        },
      };
    }, body);
  }

  /** Ops made inside carry these attributes too. Mirrors Graph._attr_scope. */
  attrScope<R>(attrs: Attrs, body: () => R): R {
    const outer = this.#attrScopes;
    this.#attrScopes = [...outer, attrs];
    try {
      return body();
    } finally {
      this.#attrScopes = outer;
    }
  }

  /** Ops of these types made inside take the gradient registered under another name. Mirrors Graph.gradient_override_map. */
  gradientOverrideMap(map: Readonly<Record<string, string>>): ScopeHandle<null>;
  gradientOverrideMap<R>(map: Readonly<Record<string, string>>, body: () => R): R;
  gradientOverrideMap<R>(map: Readonly<Record<string, string>>, body?: () => R): R | ScopeHandle<null> {
    if (typeof map !== 'object' || map === null || Object.values(map).some((name) => typeof name !== 'string')) {
      throw new GraphTypeError('op_type_map must be a dictionary mapping strings to strings');
    }
    return openScope(() => {
      const outer = this.#gradientOverrides;
      this.#gradientOverrides = { ...outer, ...map };
      return {
        value: null,
        exit: () => {
          this.#gradientOverrides = outer;
        },
      };
    }, body);
  }

  /** Stateful ops made inside live in that resource container. Mirrors Graph.container. */
  container<R>(name: string, body: () => R): R {
    const outer = this.#container;
    this.#container = name;
    try {
      return body();
    } finally {
      this.#container = outer;
    }
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
    return this.#byName.get(name);
  }

  /** An operation or tensor from itself, its name, or what stands for one. Mirrors Graph.as_graph_element. */
  asGraphElement(value: unknown, options: LookupOptions = {}): GraphElement {
    return asGraphElement(this, value, options);
  }

  getOperationByName(name: string): Operation {
    if (typeof name !== 'string') throw new GraphTypeError(`Operation names are strings (or similar), not ${wordOf(name)}.`);
    return asGraphElement(this, name, { allowTensor: false }) as Operation;
  }

  getTensorByName(name: string): Tensor {
    if (typeof name !== 'string') throw new GraphTypeError(`Tensor names are strings (or similar), not ${wordOf(name)}.`);
    return asGraphElement(this, name, { allowOperation: false }) as Tensor;
  }

  getOperations(): Operation[] {
    return [...this.#operations];
  }

  preventFeeding(tensor: Tensor): void {
    this.#unfeedable.add(tensor);
  }

  preventFetching(op: Operation): void {
    this.#unfetchable.add(op);
  }

  isFeedable(tensor: Tensor): boolean {
    return !this.#unfeedable.has(tensor);
  }

  isFetchable(value: Tensor | Operation): boolean {
    return !this.#unfetchable.has(value instanceof Operation ? value : value.op);
  }

  // ---- collections

  addToCollection(name: string, value: unknown): void {
    this.checkNotFinalized();
    this.getCollectionRef(name).push(value);
  }

  /** Adds to each of several collections once. */
  addToCollections(names: string | readonly string[], value: unknown): void {
    for (const name of new Set(typeof names === 'string' ? [names] : names)) this.addToCollection(name, value);
  }

  /** A copy of a collection; with `scope` only items whose name matches that pattern at its start. */
  getCollection<T = unknown>(name: string, scope?: string | null): T[] {
    const items = (this.#collections.get(name) ?? []) as T[];
    if (scope === undefined || scope === null || scope === '') return [...items];
    const pattern = new RegExp(`^(?:${scope})`);
    return items.filter((item) => typeof (item as { name?: unknown })?.name === 'string' && pattern.test((item as { name: string }).name));
  }

  /** The live list of a collection, created when absent. */
  getCollectionRef<T = unknown>(name: string): T[] {
    let items = this.#collections.get(name);
    if (!items) this.#collections.set(name, (items = []));
    return items as T[];
  }

  getAllCollectionKeys(): string[] {
    return [...this.#collections.keys()];
  }

  clearCollection(name: string): void {
    this.checkNotFinalized();
    this.#collections.delete(name);
  }

  toString(): string {
    return `<Graph ${this.id}>`;
  }
}

function wordOf(value: unknown): string {
  return value === null || value === undefined ? 'NoneType' : typeof value === 'number' ? (Number.isInteger(value) ? 'int' : 'float') : typeof value;
}
