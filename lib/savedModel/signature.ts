/**
 * One signature of a loaded model: runs it by the names of its inputs and outputs.
 */
import { InvalidArgumentError, repr, ValueError } from '../../graph/errors';
import type { SignatureDef, TensorInfo } from '../../graph/formats/protos/generated/meta_graph_pb';
import { tensorFromProto } from '../../graph/formats/tensorProto';
import type { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import { didYouMean } from '../../graph/suggest';
import type { Tensor } from '../../graph/tensor';
import type { FeedValue } from '../../runtime/feeds';
import type { Session } from '../../runtime/session';
import { prependScope } from '../variables/variableProto';

export class Signature {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Values for inputs that are not given. */
  readonly defaults: ReadonlyMap<string, NdArray>;
  /** Such as `tensorflow/serving/predict`. */
  readonly methodName: string;

  constructor(
    graph: Graph,
    readonly name: string,
    readonly def: SignatureDef,
    scope: string,
  ) {
    const tensors = (infos: Readonly<Record<string, TensorInfo>>, side: string) =>
      new Map(
        Object.entries(infos)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .flatMap(([key, info]) =>
            tensorsOf(graph, scope, `The ${side} ${repr(key)} of signature ${repr(name)}`, key, info),
          ),
      );
    this.inputs = tensors(def.inputs, 'input');
    this.outputs = tensors(def.outputs, 'output');
    this.defaults = new Map(
      Object.entries(def.defaults).map(([key, value]) => [key, tensorFromProto(value, `The default of ${repr(key)}`)]),
    );
    this.methodName = def.methodName;
  }

  /** Values in, arrays out, by name. ValueError for names that the signature does not have or that are missing. */
  run(session: Session, inputs: Readonly<Record<string, unknown>>): Record<string, NdArray> {
    const feed: [Tensor, FeedValue][] = [];
    for (const [key, value] of Object.entries(inputs)) {
      const tensor = this.inputs.get(key);
      if (!tensor)
        throw new ValueError(
          `Signature ${repr(this.name)} has no input ${repr(key)}.${didYouMean(key, this.inputs.keys())} Its inputs are ${[...this.inputs.keys()].map(repr).join(', ') || 'none'}.`,
        );
      feed.push([tensor, value as FeedValue]);
    }
    const missing = [...this.inputs.keys()].filter((key) => !Object.hasOwn(inputs, key) && !this.defaults.has(key));
    if (missing.length > 0)
      throw new ValueError(`Signature ${repr(this.name)} lacks values for ${missing.map(repr).join(', ')}.`);
    for (const [key, value] of this.defaults) {
      const tensor = this.inputs.get(key);
      if (tensor && !Object.hasOwn(inputs, key)) feed.push([tensor, value]);
    }
    return session.runSync(Object.fromEntries(this.outputs), { feed }) as Record<string, NdArray>;
  }

  toString(): string {
    const side = (tensors: ReadonlyMap<string, Tensor>) =>
      [...tensors].map(([key, tensor]) => `${key}: ${tensor.dtype.name} ${tensor.shape}`).join(', ');
    return `${this.name}(${side(this.inputs)}) -> (${side(this.outputs)})`;
  }
}

/** The tensors that an entry stands for: one, or the parts of a sparse or composite one under names of their own. */
function tensorsOf(graph: Graph, scope: string, what: string, key: string, info: TensorInfo): [string, Tensor][] {
  const { encoding } = info;
  const find = (name: string): Tensor => {
    try {
      return graph.getTensorByName(prependScope(name, scope));
    } catch {
      throw new InvalidArgumentError(`${what} is ${name}, which is not in the graph.`);
    }
  };
  switch (encoding.case) {
    case 'name':
      return [[key, find(encoding.value)]];
    case 'cooSparse':
      return [
        [`${key}/indices`, find(encoding.value.indicesTensorName)],
        [`${key}/values`, find(encoding.value.valuesTensorName)],
        [`${key}/dense_shape`, find(encoding.value.denseShapeTensorName)],
      ];
    case 'compositeTensor':
      return encoding.value.components.flatMap((part, i) => tensorsOf(graph, scope, what, `${key}/${i}`, part));
    default:
      throw new InvalidArgumentError(`${what} names no tensor.`);
  }
}
