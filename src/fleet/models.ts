/** What the fleet asks of the hub, in the fleet's own words, so that a deployment can be checked alone. */
import type { DeploymentWeights } from './replica.ts';

export type ResolvedModel = Readonly<{
  modelId: string;
  /** `owner/name` */
  name: string;
  revisionId: string;
  weights: DeploymentWeights;
  parameters: number | null;
  contextLength: number | null;
}>;

export interface FleetModels {
  /** Null when the tenant may not see such a model; `revisionId` null means the latest. */
  resolve(query: {
    tenantId: string;
    name: string;
    revisionId: string | null;
  }): Promise<
    | Readonly<{ kind: 'resolved'; model: ResolvedModel }>
    | Readonly<{ kind: 'model_unknown' }>
    | Readonly<{ kind: 'revision_unknown' }>
  >;
  /** Whether a model of this name exists, whoever may see it. */
  isName(name: string): Promise<boolean>;
}
