import { EdgeIndex, type EdgeChange, type EdgePage, type EdgeTarget } from './edge-index.js';

interface Edge extends EdgeTarget {
  readonly source: string;
  readonly added: number;
  removed?: number;
  /** The target was deleted, its removal not recorded yet. */
  gone?: boolean;
}

interface TenantEdges {
  readonly edges: Edge[];
  readonly goneSources: Set<string>;
}

/** The edge index's contract in memory. */
export class InMemoryEdgeIndex extends EdgeIndex {
  private readonly tenants = new Map<string, TenantEdges>();

  /** Follows one event of the log. */
  apply(tenantId: string, change: EdgeChange, sequence: number): void {
    const tenant = this.tenant(tenantId);
    switch (change.kind) {
      case 'added':
        for (const target of change.targets) tenant.edges.push({ ...target, source: change.source, added: sequence });
        return;
      case 'removed':
        for (const edge of tenant.edges)
          if (edge.source === change.source && edge.removed === undefined && change.targetIds.includes(edge.id))
            edge.removed = sequence;
        return;
      case 'target-gone':
        return markGone(tenant.edges, change.targetId);
      case 'source-gone':
        tenant.goneSources.add(change.source);
        return markGone(tenant.edges, change.source);
    }
  }

  async among(tenantId: string, source: string, targetIds: readonly string[]): Promise<ReadonlySet<string>> {
    const wanted = new Set(targetIds);
    return new Set(this.current(tenantId, source).flatMap(({ id }) => (wanted.has(id) ? [id] : [])));
  }

  async targets(
    tenantId: string,
    source: string,
    page: { readonly after?: string; readonly limit: number; readonly asOf?: number },
  ): Promise<EdgePage> {
    const { after = '', limit, asOf } = page;
    const edges =
      asOf === undefined
        ? this.current(tenantId, source)
        : this.tenant(tenantId).edges.filter(
            (e) => e.source === source && e.added <= asOf && (e.removed ?? Infinity) > asOf,
          );
    const rest = edges.filter(({ id }) => id > after).sort((a, b) => (a.id < b.id ? -1 : 1));
    const targets = rest.slice(0, limit).map(({ id, kind }) => ({ id, kind }));
    return { targets, next: rest.length > limit ? targets.at(-1)?.id : undefined };
  }

  async sources(tenantId: string, targetId: string, limit: number): Promise<readonly string[]> {
    const { edges, goneSources } = this.tenant(tenantId);
    return edges
      .filter((e) => e.id === targetId && e.removed === undefined && e.gone !== true && !goneSources.has(e.source))
      .map(({ source }) => source)
      .sort()
      .slice(0, limit);
  }

  async dangling(tenantId: string, targetId: string, limit: number): Promise<readonly string[]> {
    const { edges, goneSources } = this.tenant(tenantId);
    return edges
      .filter((e) => e.id === targetId && e.gone === true && e.removed === undefined && !goneSources.has(e.source))
      .map(({ source }) => source)
      .sort()
      .slice(0, limit);
  }

  private current(tenantId: string, source: string): Edge[] {
    const { edges, goneSources } = this.tenant(tenantId);
    if (goneSources.has(source)) return [];
    return edges.filter((e) => e.source === source && e.removed === undefined && e.gone !== true);
  }

  private tenant(tenantId: string): TenantEdges {
    const tenant = this.tenants.get(tenantId) ?? { edges: [], goneSources: new Set() };
    this.tenants.set(tenantId, tenant);
    return tenant;
  }
}

const markGone = (edges: readonly Edge[], targetId: string): void => {
  for (const edge of edges) if (edge.id === targetId && edge.removed === undefined) edge.gone = true;
};
