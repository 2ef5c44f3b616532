{{/*
The environment of the containers. Names are those of docs/configuration.md; nothing secret is ever a literal here.
Settings are gathered in a dict by name, so that one name can not be rendered twice (server-side apply refuses it).
*/}}

{{/* The Secret the chart makes from inline values. */}}
{{- define "rollcall.inlineSecretName" -}}
{{ include "rollcall.fullname" . }}-inline
{{- end -}}

{{- define "rollcall.inlineMigrateSecretName" -}}
{{ include "rollcall.fullname" . }}-migrate
{{- end -}}

{{/* Settings that came inline, as a map of name to value. Takes the root. */}}
{{- define "rollcall.inlineSecrets" -}}
{{- $all := dict "DATABASE_URL" (tuple .Values.database "url") "MASTER_KEY" (tuple .Values.masterKey "value") "ADMIN_TOKEN" (tuple .Values.adminToken "value") -}}
{{- if eq .Values.eventLog "kurrentdb" -}}
{{- $_ := set $all "KURRENTDB_URL" (tuple .Values.kurrentdb "url") -}}
{{- end -}}
{{- if and .Values.publisher.enabled .Values.kafka.sasl.mechanism -}}
{{- $_ := set $all "KAFKA_SASL_USERNAME" (tuple .Values.kafka.sasl "username") -}}
{{- $_ := set $all "KAFKA_SASL_PASSWORD" (tuple .Values.kafka.sasl "password") -}}
{{- end -}}
{{- $inline := dict -}}
{{- range $name, $source := $all -}}
{{- $values := index $source 0 -}}
{{- $value := index $values (index $source 1) -}}
{{- if and $value (not $values.existingSecret) -}}
{{- $_ := set $inline $name $value -}}
{{- end -}}
{{- end -}}
{{- toJson $inline -}}
{{- end -}}

{{/* The same for the migration: the owner's DATABASE_URL first, then that of the services. */}}
{{- define "rollcall.inlineMigrateSecrets" -}}
{{- $services := include "rollcall.inlineSecrets" . | fromJson -}}
{{- $inline := dict -}}
{{- with .Values.database.owner -}}
{{- if and .url (not .existingSecret) -}}
{{- $_ := set $inline "DATABASE_URL" .url -}}
{{- else if and (not .existingSecret) $services.DATABASE_URL -}}
{{- $_ := set $inline "DATABASE_URL" $services.DATABASE_URL -}}
{{- end -}}
{{- end -}}
{{- with $services.KURRENTDB_URL -}}
{{- $_ := set $inline "KURRENTDB_URL" . -}}
{{- end -}}
{{- toJson $inline -}}
{{- end -}}

{{/* One entry whose value lies in a Secret. Takes "values" {existingSecret}, "key", "name", "inline" (map) and "inlineSecret" (name). */}}
{{- define "rollcall.secretSource" -}}
{{- if .values.existingSecret -}}
{{- dict "secretKeyRef" (dict "name" .values.existingSecret "key" .key) | toJson -}}
{{- else if hasKey .inline .name -}}
{{- dict "secretKeyRef" (dict "name" .inlineSecret "key" .name) | toJson -}}
{{- else -}}
{}
{{- end -}}
{{- end -}}

{{/* The env list of a component. Takes (dict "root" $ "component" "auth"). */}}
{{- define "rollcall.env" -}}
{{- $values := .root.Values -}}
{{- $component := .component -}}
{{- $plain := dict "PORT" "8080" "PUBLIC_URL" $values.publicUrl "EVENT_LOG" $values.eventLog "LOG_LEVEL" $values.logLevel -}}
{{- $secret := dict "DATABASE_URL" (tuple $values.database $values.database.key) "MASTER_KEY" (tuple $values.masterKey $values.masterKey.key) -}}
{{- with $values.masterKey.previousKey -}}
{{- $_ := set $secret "MASTER_KEY_PREVIOUS" (tuple $values.masterKey .) -}}
{{- end -}}
{{- if eq $values.eventLog "kurrentdb" -}}
{{- $_ := set $secret "KURRENTDB_URL" (tuple $values.kurrentdb $values.kurrentdb.key) -}}
{{- end -}}
{{- if ne $component "auth" -}}
{{- $_ := set $plain "AUTH_INTERNAL_URL" (printf "http://%s" (include "rollcall.componentName" (dict "root" .root "component" "auth"))) -}}
{{- end -}}
{{- if eq $component "auth" -}}
{{- $_ := set $secret "ADMIN_TOKEN" (tuple $values.adminToken $values.adminToken.key) -}}
{{- end -}}
{{- if has $component (list "auth" "scim-api") -}}
{{- $_ := set $plain "READ_WAIT_MS" (int64 $values.readWaitMs | toString) -}}
{{- $_ := set $plain "BODY_LIMIT" (int64 $values.bodyLimit | toString) -}}
{{- with $values.trustedProxies -}}
{{- $_ := set $plain "TRUSTED_PROXIES" (join "," .) -}}
{{- end -}}
{{- end -}}
{{- if eq $component "scim-api" -}}
{{- $_ := set $plain "GROUP_BODY_LIMIT" (int64 $values.groupBodyLimit | toString) -}}
{{- end -}}
{{- if eq $component "publisher" -}}
{{- $_ := set $plain "KAFKA_BROKERS" (join "," $values.kafka.brokers) -}}
{{- $_ := set $plain "KAFKA_SSL" ($values.kafka.ssl | toString) -}}
{{- $_ := set $plain "KAFKA_TOPIC_PREFIX" $values.kafka.topicPrefix -}}
{{- $_ := set $plain "KAFKA_PARTITIONS" (int64 $values.kafka.partitions | toString) -}}
{{- with $values.kafka.sasl -}}
{{- if .mechanism -}}
{{- $_ := set $plain "KAFKA_SASL_MECHANISM" .mechanism -}}
{{- $_ := set $secret "KAFKA_SASL_USERNAME" (tuple . .usernameKey) -}}
{{- $_ := set $secret "KAFKA_SASL_PASSWORD" (tuple . .passwordKey) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := (index $values (include "rollcall.valuesKey" $component)).extraEnv -}}
{{- $_ := set $plain $name $value -}}
{{- end -}}
{{- include "rollcall.envList" (dict "root" .root "plain" $plain "secret" $secret "inline" (include "rollcall.inlineSecrets" .root | fromJson) "inlineSecret" (include "rollcall.inlineSecretName" .root)) -}}
{{- end -}}

{{/* The env list of the migration, which connects as the owner of the schema. Takes "root" and "hook": a hook needs a Secret of its own. */}}
{{- define "rollcall.migrateEnv" -}}
{{- $values := .root.Values -}}
{{- $owner := $values.database.owner -}}
{{- $plain := dict "EVENT_LOG" $values.eventLog -}}
{{- $database := ternary (tuple $owner $owner.key) (tuple $values.database $values.database.key) (or (ne $owner.existingSecret "") (ne $owner.url "")) -}}
{{- $secret := dict "DATABASE_URL" $database -}}
{{- if eq $values.eventLog "kurrentdb" -}}
{{- $_ := set $secret "KURRENTDB_URL" (tuple $values.kurrentdb $values.kurrentdb.key) -}}
{{- end -}}
{{- include "rollcall.envList" (dict "root" .root "plain" $plain "secret" $secret "inline" (include "rollcall.inlineMigrateSecrets" .root | fromJson) "inlineSecret" (include "rollcall.inlineMigrateSecretName" .root)) -}}
{{- end -}}

{{- define "rollcall.envList" -}}
{{- $entries := dict -}}
{{- range $name, $value := .plain -}}
{{- $_ := set $entries $name (dict "name" $name "value" $value) -}}
{{- end -}}
{{- range $name, $source := .secret -}}
{{- $from := include "rollcall.secretSource" (dict "values" (index $source 0) "key" (index $source 1) "name" $name "inline" $.inline "inlineSecret" $.inlineSecret) | fromJson -}}
{{- if $from -}}
{{- $_ := set $entries $name (dict "name" $name "valueFrom" $from) -}}
{{- end -}}
{{- end -}}
{{- if .root.Values.extraCaCerts.existingConfigMap -}}
{{- $_ := set $entries "NODE_EXTRA_CA_CERTS" (dict "name" "NODE_EXTRA_CA_CERTS" "value" "/etc/rollcall/ca/ca.crt") -}}
{{- end -}}
{{- $list := list -}}
{{- range $name := keys $entries | sortAlpha -}}
{{- $list = append $list (index $entries $name) -}}
{{- end -}}
{{- toYaml $list -}}
{{- end -}}
