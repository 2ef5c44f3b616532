{{/* Names and labels. */}}

{{- define "rollcall.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* 40 characters: the longest suffix, "-scim-api", and the pods' own hashes still fit into 63. */}}
{{- define "rollcall.fullname" -}}
{{- $name := include "rollcall.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What a selector may hold: it can never change. Takes (dict "root" $ "component" "auth"); without a component: all of the release. */}}
{{- define "rollcall.selectorLabels" -}}
app.kubernetes.io/name: {{ include "rollcall.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "rollcall.labels" -}}
{{ include "rollcall.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/part-of: rollcall
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* Takes (dict "root" $ "component" "auth"). */}}
{{- define "rollcall.componentName" -}}
{{ include "rollcall.fullname" .root }}-{{ .component }}
{{- end -}}

{{/* The enabled components, as a JSON array of their names. */}}
{{- define "rollcall.components" -}}
{{- $enabled := list -}}
{{- range $name := list "auth" "scim-api" "projector" "publisher" -}}
{{- if (index $.Values (include "rollcall.valuesKey" $name)).enabled -}}
{{- $enabled = append $enabled $name -}}
{{- end -}}
{{- end -}}
{{- toJson $enabled -}}
{{- end -}}

{{- define "rollcall.valuesKey" -}}
{{- eq . "scim-api" | ternary "scimApi" . -}}
{{- end -}}

{{- define "rollcall.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "rollcall.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "rollcall.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* At pre-install nothing of the release exists yet, so the Job brings an account of its own unless one is given. */}}
{{- define "rollcall.migrateServiceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ include "rollcall.fullname" . }}-migrate
{{- else -}}
{{- include "rollcall.serviceAccountName" . -}}
{{- end -}}
{{- end -}}

{{- define "rollcall.publicHost" -}}
{{- (urlParse .Values.publicUrl).hostname -}}
{{- end -}}

{{/* The public paths and who answers them. /health and /metrics are not here: they stay inside. */}}
{{- define "rollcall.routes" -}}
- { path: /t, component: scim-api }
- { path: /oauth2, component: auth }
- { path: /.well-known, component: auth }
- { path: /admin, component: auth }
{{- end -}}

{{/* Three quarters of a memory limit ("512Mi", "2Gi") in MiB: the rest is for buffers, native code and the stack. */}}
{{- define "rollcall.heapMiB" -}}
{{- $amount := regexFind "^[0-9]+" . | int -}}
{{- if hasSuffix "Gi" . -}}{{- $amount = mul $amount 1024 -}}{{- end -}}
{{- div (mul $amount 3) 4 -}}
{{- end -}}

{{- define "rollcall.hookAnnotations" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: {{ .deletePolicy }}
{{- end -}}
