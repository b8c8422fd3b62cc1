/**
 * Variables as files describe them: by the names of their nodes.
 */
import { create } from '@bufbuild/protobuf';
import { NotFoundError, ValueError } from '../../graph/errors';
import {
  type SaveSliceInfoDef,
  type VariableDef,
  VariableDefSchema,
} from '../../graph/formats/protos/generated/variable_pb';
import type { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import { Tensor } from '../../graph/tensor';
import { VariableParts } from './createVariable';
import type { VariableAggregation, VariableSynchronization } from './modes';
import { RefVariable } from './refVariable';
import { Variable } from './variable';

/** `a/b` for `scope/a/b`; what is not in the scope stays. `^a` and `loc:@a` keep their marks. */
export function stripScope(name: string, scope: string): string {
  if (scope === '') return name;
  const [, mark, rest] = /^(\^|loc:@)?(.*)$/s.exec(name)!;
  const prefix = scope.endsWith('/') ? scope : `${scope}/`;
  return (mark ?? '') + (rest.startsWith(prefix) ? rest.slice(prefix.length) : rest);
}

/** `scope/a/b` for `a/b`. */
export function prependScope(name: string, scope: string): string {
  if (scope === '' || name === '') return name;
  const [, mark, rest] = /^(\^|loc:@)?(.*)$/s.exec(name)!;
  return `${mark ?? ''}${scope.endsWith('/') ? scope : `${scope}/`}${rest}`;
}

/** The names of a variable's nodes; null for one outside of `exportScope`. Mirrors Variable.to_proto. */
export function variableToProto(variable: Variable | RefVariable, exportScope = ''): VariableDef | null {
  if (exportScope !== '' && !variable.name.startsWith(exportScope)) return null;
  const strip = (name: string) => stripScope(name, exportScope);
  const proto = create(VariableDefSchema, {
    variableName: strip(variable.name),
    initializerName: strip(variable.initializer.name),
    trainable: variable.trainable,
    snapshotName: strip(variable.asGraphElement().name),
  });
  const initial = initialValueOf(variable);
  if (initial) proto.initialValueName = strip(initial.name);
  if (variable instanceof Variable) {
    proto.isResource = true;
    proto.synchronization = variable.synchronization;
    proto.aggregation = variable.aggregation;
  }
  return proto;
}

function initialValueOf(variable: Variable | RefVariable): Tensor | null {
  try {
    return variable.initialValue;
  } catch (error) {
    if (error instanceof ValueError) return null;
    throw error;
  }
}

class Names {
  constructor(
    readonly graph: Graph,
    readonly scope: string,
    readonly variable: string,
  ) {}

  tensor(name: string): Tensor {
    const found = this.#find(name);
    return found instanceof Tensor ? found : found.output;
  }

  operation(name: string): Operation {
    const found = this.#find(name);
    return found instanceof Tensor ? found.op : found;
  }

  #find(name: string): Tensor | Operation {
    const full = prependScope(name, this.scope);
    try {
      return this.graph.asGraphElement(full);
    } catch {
      throw new NotFoundError(`The variable ${this.variable} names ${full}, which is not in the graph.`);
    }
  }
}

/**
 * The variable that a file describes, over nodes that the graph has. NotFoundError for names that it lacks, ValueError
 * for a handle of something else. Mirrors Variable.from_proto.
 */
export function variableFromProto(proto: VariableDef, graph: Graph, importScope = ''): Variable | RefVariable {
  const names = new Names(graph, importScope, proto.variableName);
  const handle = names.tensor(proto.variableName);
  const initializer = names.operation(proto.initializerName);
  const initialValue = proto.initialValueName === '' ? null : names.tensor(proto.initialValueName);
  const snapshot = proto.snapshotName === '' ? null : names.tensor(proto.snapshotName);
  checkSlice(proto.saveSliceInfoDef, proto.variableName);
  if (!proto.isResource) {
    const ref = handle;
    return new RefVariable({ ref, snapshot: snapshot ?? ref, initializer, initialValue, trainable: proto.trainable });
  }
  const { handleData } = handle;
  if (!handleData)
    throw new ValueError(
      `The variable ${proto.variableName} is described by ${handle}, which is no variable's handle.`,
    );
  const cachedValue = snapshot !== null && snapshot.op.type !== 'ReadVariableOp' ? snapshot : null;
  const parts = new VariableParts(
    {
      handle,
      handleName: handle.op.name,
      dtype: handleData.dtype,
      shape: handleData.shape,
      graphElement: snapshot,
      initialValue,
      initializer,
      cachedValue,
      cachingDevice: null,
      constraint: null,
      validateShape: true,
      trainable: proto.trainable,
      synchronization: proto.synchronization as VariableSynchronization,
      aggregation: proto.aggregation as VariableAggregation,
    },
    [],
  );
  return new Variable(parts);
}

/** Parts of larger tensors are what the Saver's own nodes know; a variable that is one needs nothing here. */
function checkSlice(info: SaveSliceInfoDef | undefined, name: string): void {
  if (!info) return;
  const rank = info.fullShape.length;
  if (info.varOffset.length !== rank || info.varShape.length !== rank)
    throw new ValueError(`The variable ${name} is described as a part of ${info.fullName} with different ranks.`);
}
