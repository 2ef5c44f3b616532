/** The fence between rooms. `test/boundaries` plants a violation of each rule and demands that it fires. */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-libs-know-no-framework',
      comment: 'libs/scim, directory, tenancy and event-sourcing run without any framework; the allow-list is empty.',
      severity: 'error',
      from: { path: '^libs/(scim|directory|tenancy|event-sourcing)/', pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules' },
    },
    {
      name: 'domain-imports-only-pure',
      severity: 'error',
      from: { path: '^libs/(directory|tenancy)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/', pathNot: '^libs/(directory|tenancy|scim|event-sourcing)/' },
    },
    {
      name: 'apps-never-import-apps',
      comment: 'Only the standalone composes the others: it is what `npm start` runs.',
      severity: 'error',
      from: { path: '^apps/((?!standalone/)[^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    { name: 'libs-never-import-apps', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'libs-by-their-index',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^$1/$2/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'apps/console|dist' },
    tsPreCompilationDeps: true, // without it an `import type` of a framework goes unseen
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['rollcall-source', 'import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
