/**
 * Messages of collections that name nodes of the graph, with all names changed: when a scope is exported alone, or
 * imported into another.
 */
import { clone, type Message } from '@bufbuild/protobuf';
import {
  type CondContextDef,
  CondContextDefSchema,
  type ControlFlowContextDef,
  type ValuesDef,
  type WhileContextDef,
  WhileContextDefSchema,
} from '../../../graph/formats/protos/generated/control_flow_pb';
import { type QueueRunnerDef, QueueRunnerDefSchema } from '../../../graph/formats/protos/generated/queue_runner_pb';
import { type SaverDef, SaverDefSchema } from '../../../graph/formats/protos/generated/saver_pb';

type Rename = (name: string) => string;

function renameValues(values: ValuesDef | undefined, rename: Rename): void {
  if (!values) return;
  values.values = values.values.map(rename);
  values.externalValues = Object.fromEntries(
    Object.entries(values.externalValues).map(([inner, outer]) => [rename(inner), rename(outer)]),
  );
}

function renameNested(contexts: readonly ControlFlowContextDef[], rename: Rename): void {
  for (const { ctxt } of contexts) {
    if (ctxt.case === 'condCtxt') renameCond(ctxt.value, rename);
    else if (ctxt.case === 'whileCtxt') renameWhile(ctxt.value, rename);
  }
}

function renameCond(context: CondContextDef, rename: Rename): void {
  context.contextName = rename(context.contextName);
  context.predName = rename(context.predName);
  context.pivotName = rename(context.pivotName);
  renameValues(context.valuesDef, rename);
  renameNested(context.nestedContexts, rename);
}

function renameWhile(context: WhileContextDef, rename: Rename): void {
  context.contextName = rename(context.contextName);
  context.pivotName = rename(context.pivotName);
  context.pivotForPredName = rename(context.pivotForPredName);
  context.pivotForBodyName = rename(context.pivotForBodyName);
  context.maximumIterationsName = rename(context.maximumIterationsName);
  context.loopExitNames = context.loopExitNames.map(rename);
  context.loopEnterNames = context.loopEnterNames.map(rename);
  renameValues(context.valuesDef, rename);
  renameNested(context.nestedContexts, rename);
}

/** A copy with changed names; a message of a type that names no nodes is itself. */
export function scopedMessage(message: Message, rename: Rename): Message {
  switch (message.$typeName) {
    case CondContextDefSchema.typeName: {
      const copy = clone(CondContextDefSchema, message as CondContextDef);
      renameCond(copy, rename);
      return copy;
    }
    case WhileContextDefSchema.typeName: {
      const copy = clone(WhileContextDefSchema, message as WhileContextDef);
      renameWhile(copy, rename);
      return copy;
    }
    case QueueRunnerDefSchema.typeName: {
      const copy = clone(QueueRunnerDefSchema, message as QueueRunnerDef);
      copy.queueName = rename(copy.queueName);
      copy.enqueueOpName = copy.enqueueOpName.map(rename);
      copy.closeOpName = rename(copy.closeOpName);
      copy.cancelOpName = rename(copy.cancelOpName);
      return copy;
    }
    case SaverDefSchema.typeName: {
      const copy = clone(SaverDefSchema, message as SaverDef);
      copy.filenameTensorName = rename(copy.filenameTensorName);
      copy.saveTensorName = rename(copy.saveTensorName);
      copy.restoreOpName = rename(copy.restoreOpName);
      return copy;
    }
    default:
      return message;
  }
}
