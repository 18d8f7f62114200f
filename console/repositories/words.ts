/** Words for what a repository is and who may see it. */
export const KIND_LABELS = {
  model: 'repository.models',
  dataset: 'repository.datasets',
  space: 'repository.spaces',
} as const;

export const KIND_ONE = {
  model: 'repository.model',
  dataset: 'repository.dataset',
  space: 'repository.space',
} as const;

export const VISIBILITY_LABELS = {
  public: 'models.public',
  internal: 'repository.internal',
  private: 'models.private',
} as const;

export const VISIBILITY_HINTS = {
  public: 'repository.publicHint',
  internal: 'repository.internalHint',
  private: 'repository.privateHint',
} as const;

export const VISIBILITIES = ['private', 'internal', 'public'] as const;
