import type { KnownTenant, TenantSchemas } from '#access';
import { LeastRecentlyUsed } from '#event-sourcing';
import { compileTenantView, coreView, type TenantView } from './tenant-view.js';

interface Kept {
  readonly schemasRevision: number;
  readonly view: Promise<TenantView>;
}

const KEPT_VIEWS = 1_000;

/** Compiles each tenant's definitions once, and again when the number in KnownTenant says that they have changed. */
export class TenantViews {
  private readonly kept = new LeastRecentlyUsed<Kept>(KEPT_VIEWS);

  constructor(private readonly schemas: TenantSchemas) {}

  /** Errors: those of the database, when something was registered and is not at hand. */
  async of({ tenantId, schemasRevision }: Pick<KnownTenant, 'tenantId' | 'schemasRevision'>): Promise<TenantView> {
    if (schemasRevision === 0) return coreView;
    const known = this.kept.get(tenantId);
    // The answer of a slower credential's cache may be older than what is at hand: that is no reason to go back.
    if (known !== undefined && known.schemasRevision >= schemasRevision) return known.view;
    const view = this.schemas.of(tenantId).then(compileTenantView);
    this.kept.set(tenantId, { schemasRevision, view });
    view.catch(() => {
      if (this.kept.get(tenantId)?.view === view) this.kept.delete(tenantId); // a failure is not an answer
    });
    return view;
  }
}
