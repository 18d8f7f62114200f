/** The words of routes, by what they stand for. */
export const CONDITION_LABELS = {
  unavailable: 'routing.onUnavailable',
  overloaded: 'routing.onOverloaded',
  error: 'routing.onError',
  timeout: 'routing.onTimeout',
} as const;

export const FAULT_LABELS = {
  nameMissing: 'routing.faultNameMissing',
  nameInvalid: 'routing.faultNameInvalid',
  targetMissing: 'routing.faultTargetMissing',
  targetRepeated: 'routing.faultTargetRepeated',
  weightInvalid: 'routing.faultWeightInvalid',
  weightsZero: 'routing.faultWeightsZero',
} as const;

export const STICKY_LABELS = {
  key: 'routing.stickyByKey',
  session: 'routing.stickyBySession',
  none: 'routing.stickyByNone',
} as const;
