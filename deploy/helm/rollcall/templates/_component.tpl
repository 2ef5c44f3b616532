{{/* The one Deployment all components are made of. Takes (dict "root" $ "component" "auth"). */}}
{{- define "rollcall.deployment" -}}
{{- $values := index .root.Values (include "rollcall.valuesKey" .component) -}}
{{- $pod := .root.Values.pod -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "rollcall.componentName" . }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "rollcall.labels" . | nindent 4 }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ $values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels: {{- include "rollcall.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "rollcall.labels" . | nindent 8 }}
        {{- with $pod.labels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- $annotations := dict }}
      {{- with include "rollcall.inlineSecrets" .root | fromJson }}
      {{- $_ := set $annotations "checksum/inline-secret" (toJson . | sha256sum) }}
      {{- end }}
      {{- with merge $annotations $pod.annotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "rollcall.podSpec" (dict "root" .root "serviceAccountName" (include "rollcall.serviceAccountName" .root)) | nindent 6 }}
      terminationGracePeriodSeconds: {{ $pod.terminationGracePeriodSeconds }}
      {{- if $pod.topologySpread }}
      topologySpreadConstraints:
        {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - topologyKey: {{ $key }}
          maxSkew: 1
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "rollcall.selectorLabels" $ | nindent 14 }}
          matchLabelKeys: [pod-template-hash] # else a rollout counts the old pods too
        {{- end }}
      {{- end }}
      {{- if eq .root.Values.migrations.mode "init" }}
      initContainers:
        {{- include "rollcall.migrateContainer" .root | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          {{- include "rollcall.container" .root | nindent 10 }}
          args:
            {{- include "rollcall.nodeArgs" (dict "root" .root "memory" $values.resources.limits.memory) | nindent 12 }}
            - dist/apps/{{ .component }}/src/main.js
          env: {{- include "rollcall.env" . | nindent 12 }}
          ports:
            - { name: http, containerPort: 8080, protocol: TCP }
          # No probe but readiness looks at a dependency: an outage of PostgreSQL or Kafka must not restart the fleet.
          startupProbe:
            httpGet: { path: /health/live, port: http }
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /health/live, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          readinessProbe:
            httpGet: { path: /health/ready, port: http }
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          lifecycle:
            preStop:
              sleep: { seconds: {{ $pod.preStopSleepSeconds }} } # the native action: the image has no shell
          resources: {{- toYaml $values.resources | nindent 12 }}
{{- end -}}

{{/* What every pod of the chart has. Takes "root" and "serviceAccountName". */}}
{{- define "rollcall.podSpec" -}}
serviceAccountName: {{ .serviceAccountName }}
automountServiceAccountToken: false
enableServiceLinks: false # a Service called "kafka" would set KAFKA_PORT, which is a setting of ours
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: { type: RuntimeDefault }
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .root.Values.pod }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
volumes:
  - name: tmp
    emptyDir: { sizeLimit: 64Mi }
  {{- with .root.Values.settingsFile }}
  {{- if .existingSecret }}
  - name: settings
    secret:
      secretName: {{ .existingSecret }}
      defaultMode: 0440
      items: [{ key: {{ .key | quote }}, path: rollcall.env }]
  {{- end }}
  {{- end }}
  {{- with .root.Values.extraCaCerts }}
  {{- if .existingConfigMap }}
  - name: ca
    configMap:
      name: {{ .existingConfigMap }}
      items: [{ key: {{ .key | quote }}, path: ca.crt }]
  {{- end }}
  {{- end }}
{{- end -}}

{{/* What every container of the chart has. Takes the root. */}}
{{- define "rollcall.container" -}}
image: {{ include "rollcall.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - { name: tmp, mountPath: /tmp }
  {{- if .Values.settingsFile.existingSecret }}
  - { name: settings, mountPath: /etc/rollcall/settings, readOnly: true }
  {{- end }}
  {{- if .Values.extraCaCerts.existingConfigMap }}
  - { name: ca, mountPath: /etc/rollcall/ca, readOnly: true }
  {{- end }}
{{- end -}}

{{/* The arguments of node itself; the image's entrypoint is node. Takes "root" and "memory" (the limit). */}}
{{- define "rollcall.nodeArgs" -}}
- --max-old-space-size={{ include "rollcall.heapMiB" .memory }}
{{- if .root.Values.settingsFile.existingSecret }}
- --env-file=/etc/rollcall/settings/rollcall.env
{{- end }}
{{- end -}}

{{/* The migration, for the Job and for init containers alike; the migrator takes a lock, so several at a time do no harm. Takes the root. */}}
{{- define "rollcall.migrateContainer" -}}
- name: migrate
  {{- include "rollcall.container" . | nindent 2 }}
  args:
    {{- include "rollcall.nodeArgs" (dict "root" . "memory" .Values.migrations.resources.limits.memory) | nindent 4 }}
    - dist/apps/cli/src/main.js
    - migrate
  env: {{- include "rollcall.migrateEnv" (dict "root" .) | nindent 4 }}
  resources: {{- toYaml .Values.migrations.resources | nindent 4 }}
{{- end -}}
