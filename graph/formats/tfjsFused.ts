/**
 * The fused nodes of tfjs as the nodes that they stand for: a convolution or product, a bias, an activation.
 *
 *     Conv2D, its bias and Relu6    _FusedConv2D[fused_ops=BiasAdd,Relu6](x, filter, bias)
 *
 * The last of them keeps the name, so whoever reads the fused node reads it. Nodes that only tfjs knows (Prelu) are
 * written out the same way. What comes out are TensorFlow's nodes: they have gradients, and files for TensorFlow can hold
 * them.
 */
import { create } from '@bufbuild/protobuf';
import { InvalidArgumentError } from '../errors';
import { type AttrValue, AttrValueSchema } from './protos/generated/attr_value_pb';
import { type NodeDef, NodeDefSchema } from './protos/generated/node_def_pb';

type Attr = Readonly<Record<string, AttrValue>>;

/** The op that a fused one begins with. */
const bases: Readonly<Record<string, string>> = {
  _FusedConv2D: 'Conv2D',
  FusedConv2D: 'Conv2D',
  _FusedMatMul: 'MatMul',
  FusedMatMul: 'MatMul',
  _FusedDepthwiseConv2dNative: 'DepthwiseConv2dNative',
  FusedDepthwiseConv2dNative: 'DepthwiseConv2dNative',
};

/** Attributes of the ops that fused ones begin with. */
const kept: Readonly<Record<string, readonly string[]>> = {
  Conv2D: ['T', 'strides', 'padding', 'explicit_paddings', 'data_format', 'dilations', 'use_cudnn_on_gpu'],
  DepthwiseConv2dNative: ['T', 'strides', 'padding', 'explicit_paddings', 'data_format', 'dilations'],
  MatMul: ['T', 'transpose_a', 'transpose_b'],
};

const plainActivations = ['Relu', 'Relu6', 'Elu', 'Sigmoid', 'Tanh', 'Selu'];

const decoder = new TextDecoder();

function textsOf(value: AttrValue | undefined): string[] {
  return value?.value.case === 'list' ? value.value.value.s.map((bytes) => decoder.decode(bytes)) : [];
}

function pick(attr: Attr, names: readonly string[]): Record<string, AttrValue> {
  return Object.fromEntries(names.flatMap((name) => (attr[name] ? [[name, attr[name]] as const] : [])));
}

/** Writes one fused node out. */
class Writer {
  readonly nodes: NodeDef[] = [];
  readonly #controls: readonly string[];

  constructor(
    readonly fused: NodeDef,
    readonly taken: Set<string>,
  ) {
    this.#controls = fused.input.filter((input) => input.startsWith('^'));
  }

  /** Adds a node; all nodes wait for what the fused one waits for. Returns its name. */
  add(op: string, inputs: readonly string[], attr: Record<string, AttrValue>, name?: string): string {
    const own = name ?? this.#freeName(`${this.fused.name}/${op}`);
    const input = [...inputs, ...this.#controls];
    this.nodes.push(create(NodeDefSchema, { name: own, op, input, device: this.fused.device, attr }));
    return own;
  }

  #freeName(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.taken.has(name); i++) name = `${wanted}_${i}`;
    this.taken.add(name);
    return name;
  }

  /** max(x, 0) - alpha · max(-x, 0) */
  addPrelu(x: string, alpha: string, attr: Record<string, AttrValue>, name: string): void {
    const positive = this.add('Relu', [x], attr);
    const negative = this.add('Relu', [this.add('Neg', [x], attr)], attr);
    this.add('Sub', [positive, this.add('Mul', [alpha, negative], attr)], attr, name);
  }
}

const float32Type = (): AttrValue => create(AttrValueSchema, { value: { case: 'type', value: 1 } });

function writeOut(node: NodeDef, taken: Set<string>): NodeDef[] {
  const writer = new Writer(node, taken);
  const inputs = node.input.filter((input) => !input.startsWith('^'));
  const T = node.attr.T ?? float32Type();
  if (node.op === 'Prelu') {
    writer.addPrelu(inputs[0], inputs[1], { T }, node.name);
    return writer.nodes;
  }
  const base = bases[node.op];
  const steps = textsOf(node.attr.fused_ops);
  const unknown = (what: string): never => {
    throw new InvalidArgumentError(
      `Node '${node.name}' fuses ${steps.join(' and ') || 'nothing'} into a ${base}: ${what}. What is read: BiasAdd, then perhaps one of ${plainActivations.join(', ')}, LeakyRelu, Prelu.`,
    );
  };
  const args = inputs.slice(2);
  const layout = base === 'MatMul' ? {} : pick(node.attr, ['data_format']);
  let result = '';
  const all = [base, ...steps];
  all.forEach((step, i) => {
    const name = i === all.length - 1 ? node.name : undefined;
    const next = () => args.shift() ?? unknown(`there is no input for ${step}`);
    if (i === 0) result = writer.add(base, inputs.slice(0, 2), { T, ...pick(node.attr, kept[base]) }, name);
    else if (step === 'BiasAdd') result = writer.add('BiasAdd', [result, next()], { T, ...layout }, name);
    else if (plainActivations.includes(step)) result = writer.add(step, [result], { T }, name);
    else if (step === 'LeakyRelu') {
      const alpha = node.attr.leakyrelu_alpha;
      result = writer.add(step, [result], alpha ? { T, alpha } : { T }, name);
    } else if (step === 'Prelu' && name !== undefined) writer.addPrelu(result, next(), { T }, name);
    else unknown(`${step} is not known`);
  });
  if (args.length > 0) unknown(`${args.length} inputs are left over`);
  return writer.nodes;
}

/** The nodes, with the fused ones and those of tfjs only written out. */
export function withoutFused(nodes: readonly NodeDef[]): NodeDef[] {
  const taken = new Set(nodes.map(({ name }) => name));
  return nodes.flatMap((node) =>
    Object.hasOwn(bases, node.op) || node.op === 'Prelu' ? writeOut(node, taken) : [node],
  );
}
