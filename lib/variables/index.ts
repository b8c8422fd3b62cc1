/**
 * Variables and the scopes that name and share them, as `tf` has them.
 */
export {
  assign,
  assignAdd,
  assignSub,
  countUpTo,
  scatterAdd,
  scatterDiv,
  scatterMax,
  scatterMin,
  scatterMul,
  scatterNdAdd,
  scatterNdSub,
  scatterNdUpdate,
  scatterSub,
  scatterUpdate,
} from './assign';
export {
  assertVariablesInitialized,
  globalVariables,
  globalVariablesInitializer,
  isVariableInitialized,
  localVariables,
  localVariablesInitializer,
  modelVariables,
  movingAverageVariables,
  reportUninitializedVariables,
  trainableVariables,
  variablesInitializer,
} from './collections';
export { VariableAggregation, VariableSynchronization } from './modes';
export { makeTemplate } from './template';
export { Variable } from './variable';
export {
  AUTO_REUSE,
  getLocalVariable,
  getVariable,
  getVariableScope,
  noRegularizer,
  VariableScope,
  variableScope,
} from './variableScope';
