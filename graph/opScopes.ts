/**
 * What the scopes around a new operation say about it, beside its name and its control inputs: device, colocation,
 * further attributes, the name of its gradient, its resource container.
 *
 * The order in which they apply is TensorFlow's: attributes, kernel label, gradient name, devices from the inside out,
 * colocation (which overrules devices), container.
 */
import type { Attrs, AttrValue } from './attributes';
import type { DeviceFunction } from './deviceSpec';
import type { Operation } from './operation';
import type { Opened } from './scope';

/** The parts of a new operation that scopes decide about. */
export interface OpDraft {
  readonly name: string;
  readonly type: string;
  attrs: Attrs;
  device: string;
}

type Names = Readonly<Record<string, string>>;

export class OpScopes {
  #devices: readonly (DeviceFunction | null)[] = [];
  #colocations: readonly Operation[] = [];
  #attrs: Attrs = {};
  #gradients: Names = {};
  #kernelLabels: Names = {};
  #container = '';
  #isEmpty = true;

  /** Whether nothing applies, as mostly. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Makes a change; the result's `exit` takes it back. */
  #enter(change: () => void): Opened<null> {
    const outer = [
      this.#devices,
      this.#colocations,
      this.#attrs,
      this.#gradients,
      this.#kernelLabels,
      this.#container,
      this.#isEmpty,
    ] as const;
    change();
    this.#isEmpty =
      this.#devices.length === 0 &&
      this.#colocations.length === 0 &&
      this.#container === '' &&
      [this.#attrs, this.#gradients, this.#kernelLabels].every((map) => Object.keys(map).length === 0);
    return {
      value: null,
      exit: () => {
        [
          this.#devices,
          this.#colocations,
          this.#attrs,
          this.#gradients,
          this.#kernelLabels,
          this.#container,
          this.#isEmpty,
        ] = outer;
      },
    };
  }

  device(assign: DeviceFunction | null): Opened<null> {
    return this.#enter(() => {
      this.#devices = [...this.#devices, assign];
    });
  }

  /** Takes over the devices that are in force in another graph. */
  inheritDevices(outer: OpScopes): void {
    this.#devices = outer.#devices;
    this.#isEmpty &&= this.#devices.length === 0;
  }

  /** Devices of outer scopes do not apply inside. */
  colocate(target: Operation | null, ignoreExisting: boolean): Opened<null> {
    return this.#enter(() => {
      this.#devices = [];
      this.#colocations = [...(ignoreExisting ? [] : this.#colocations), ...(target ? [target] : [])];
    });
  }

  /** Null takes an attribute of an outer scope away. */
  attributes(attrs: Readonly<Record<string, AttrValue | null>>): Opened<null> {
    return this.#enter(() => {
      const all = Object.entries({ ...this.#attrs, ...attrs });
      this.#attrs = Object.fromEntries(all.filter((entry): entry is [string, AttrValue] => entry[1] !== null));
    });
  }

  gradientNames(names: Names): Opened<null> {
    return this.#enter(() => {
      this.#gradients = { ...this.#gradients, ...names };
    });
  }

  kernelLabels(labels: Names): Opened<null> {
    return this.#enter(() => {
      this.#kernelLabels = { ...this.#kernelLabels, ...labels };
    });
  }

  container(name: string): Opened<null> {
    return this.#enter(() => {
      this.#container = name;
    });
  }

  /** Completes a new operation. */
  apply(op: OpDraft, isStateful: boolean): void {
    const attrs: Record<string, AttrValue> = { ...this.#attrs, ...op.attrs };
    if (Object.hasOwn(this.#kernelLabels, op.type)) attrs._kernel = this.#kernelLabels[op.type];
    if (Object.hasOwn(this.#gradients, op.type)) attrs._gradient_op_type = this.#gradients[op.type];
    op.attrs = attrs;
    this.place(op);
    this.#colocateWithTargets(op, attrs);
    if (this.#container !== '' && isStateful && attrs.container === '') attrs.container = this.#container;
  }

  /** Applies the devices in force to a new operation. */
  place(op: OpDraft): void {
    for (let i = this.#devices.length - 1; i >= 0; i--) {
      const assign = this.#devices[i];
      if (assign === null) break;
      op.device = assign(op);
    }
  }

  #colocateWithTargets(op: OpDraft, attrs: Record<string, AttrValue>): void {
    if (this.#colocations.length === 0) return;
    // A `_class` that the op brings along is replaced.
    const groups = new Set(this.#colocations.flatMap((target) => target.colocationGroups()));
    attrs._class = [...groups].sort();
    const placed = this.#colocations.findLast((target) => target.device !== '');
    if (placed) op.device = placed.device;
  }
}
